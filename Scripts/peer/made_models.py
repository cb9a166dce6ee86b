"""Small networks of the kinds that runtimes find hard, with seeded weights: made_models.py FOLDER writes them as ONNX files.

Recurrent layers at batch 1 and 16, decoders of transposed convolutions, padding between layers, a face detector and
SqueezeNet 1.1 by their published shapes, and some of them in float16. `Scripts/bench files` times them beside ONNX Runtime.
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RANDOM = np.random.default_rng(0)


class Builder:
    """Nodes and weights of one network; `value` is the last node's result."""

    def __init__(self, name, shape):
        self.name, self.nodes, self.weights = name, [], []
        self.input = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
        self.value = "x"

    def weight(self, *shape, scale=0.1):
        name = f"w{len(self.weights)}"
        values = (RANDOM.standard_normal(shape) * scale).astype(np.float32)
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def integers(self, values):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    def node(self, kind, inputs=None, outputs=1, **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        inputs = [self.value] if inputs is None else inputs
        self.nodes.append(helper.make_node(kind, inputs, names, name=f"{kind}{len(self.nodes)}", **attributes))
        self.value = names[-1]
        return self.value

    def layer(self, kind, inputs, outputs, size=1, group=1, **attributes):
        shape = (inputs, outputs) if kind == "ConvTranspose" else (outputs, inputs // group)
        weights = [self.weight(*shape, size, size), self.weight(outputs)]
        return self.node(kind, [self.value, *weights], group=group, **attributes)

    def model(self, *outputs):
        values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs or [self.value]]
        graph = helper.make_graph(self.nodes, self.name, [self.input], values, self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def recurrent(kind, gates, steps, batch, inputs, hidden, **attributes):
    made = Builder(f"{kind.lower()}-{steps}x{batch}x{inputs}-{hidden}", [steps, batch, inputs])
    weights = [made.weight(1, gates * hidden, size) for size in (inputs, hidden)] + [made.weight(1, 2 * gates * hidden)]
    made.node(kind, ["x", *weights], outputs=2, hidden_size=hidden, **attributes)
    return made.model()


def decoder(name, channels, size, stride, pad, edge):
    made = Builder(name, [1, channels[0], edge, edge])
    for index, (inputs, outputs) in enumerate(zip(channels, channels[1:])):
        made.layer("ConvTranspose", inputs, outputs, size, strides=[stride] * 2, pads=[pad] * 4)
        made.node("Relu" if index < len(channels) - 2 else "Sigmoid")
    return made.model()


def padded(name, pads, mode="constant"):
    made = Builder(name, [1, 1, 28, 28])
    made.layer("Conv", 1, 32, 2)
    made.node("Relu")
    made.node("Pad", [made.value, made.integers(pads)], mode=mode)
    return made.model()


def detector():
    """BlazeFace (arXiv:1907.05047): depthwise blocks whose shortcuts are padded with channels of zeros."""
    made = Builder("blazeface", [1, 3, 128, 128])
    made.layer("Conv", 3, 24, 5, strides=[2, 2], pads=[1, 1, 2, 2])
    made.node("Relu")
    channels = 24
    for outputs, stride in zip(
        [24, 28, 32, 36, 42, 48, 56, 64, 72, 80, 88, 96, 96, 96, 96, 96], [1, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1]
    ):
        shortcut = made.value
        pads = [1, 1, 1, 1] if stride == 1 else [0, 0, 2, 2]
        made.layer("Conv", channels, channels, 3, group=channels, strides=[stride] * 2, pads=pads)
        branch = made.layer("Conv", channels, outputs)
        if stride == 2:
            shortcut = made.node("MaxPool", [shortcut], kernel_shape=[2, 2], strides=[2, 2])
        if outputs != channels:
            shortcut = made.node("Pad", [shortcut, made.integers([0, 0, 0, 0, 0, outputs - channels, 0, 0])])
        made.node("Add", [branch, shortcut])
        made.node("Relu")
        channels = outputs
    trunk = made.value
    scores = made.layer("Conv", channels, 2)
    made.value = trunk
    return made.model(scores, made.layer("Conv", channels, 32))


def squeezenet():
    """SqueezeNet 1.1 (arXiv:1602.07360)."""
    made = Builder("squeezenet", [1, 3, 224, 224])
    made.layer("Conv", 3, 64, 3, strides=[2, 2])
    made.node("Relu")
    channels = 64
    for group in [[(16, 64)] * 2, [(32, 128)] * 2, [(48, 192)] * 2 + [(64, 256)] * 2]:
        made.node("MaxPool", kernel_shape=[3, 3], strides=[2, 2])
        for squeeze, expand in group:
            made.layer("Conv", channels, squeeze)
            squeezed = made.node("Relu")
            made.layer("Conv", squeeze, expand)
            narrow = made.node("Relu")
            made.value = squeezed
            made.layer("Conv", squeeze, expand, 3, pads=[1] * 4)
            made.node("Concat", [narrow, made.node("Relu")], axis=1)
            channels = 2 * expand
    made.layer("Conv", channels, 1000)
    made.node("Relu")
    made.node("GlobalAveragePool")
    return made.model()


def perceptron():
    made = Builder("perceptron", [1, 64])
    for inputs, outputs in [(64, 128), (128, 128), (128, 64), (64, 10)]:
        made.node("Gemm", [made.value, made.weight(inputs, outputs), made.weight(outputs)])
        if outputs > 10:
            made.node("Relu")
    return made.model()


def halved(model):
    """The same in float16, inputs and outputs too."""
    model.graph.name += "-float16"
    for weight in model.graph.initializer:
        if weight.data_type == TensorProto.FLOAT:
            weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), weight.name))
    for value in [*model.graph.input, *model.graph.output]:
        value.type.tensor_type.elem_type = TensorProto.FLOAT16
    return model


def models():
    for batch in (1, 16):
        for hidden in (32, 64, 128, 256, 512):
            yield recurrent("LSTM", 4, 64, batch, hidden, hidden)
        for hidden in (64, 256):
            yield recurrent("GRU", 3, 64, batch, hidden, hidden)
            yield recurrent("RNN", 1, 64, batch, hidden, hidden)
    for shape in ((1, 1, 257, 128), (16, 1, 96, 64), (4, 1, 7, 50)):
        yield recurrent("LSTM", 4, *shape)
    yield decoder("decoder-4x4", [64, 32, 16, 1], 4, 2, 1, 4)
    yield decoder("decoder-3x3", [64, 32, 16, 1], 3, 2, 1, 7)
    yield decoder("decoder-wide", [256, 128, 64, 32, 3], 4, 2, 1, 4)
    yield decoder("decoder-2x2", [128, 64, 32, 16], 2, 2, 0, 16)
    yield padded("pad-edges", [0, 0, 1, 1, 0, 0, 1, 1])
    yield padded("pad-reflect", [0, 0, 2, 2, 0, 0, 2, 2], "reflect")
    yield padded("pad-channels", [0, 0, 0, 0, 0, 8, 0, 0])
    yield detector()
    yield squeezenet()
    yield perceptron()
    for model in (perceptron(), detector(), recurrent("LSTM", 4, 64, 1, 64, 64), decoder("decoder", [64, 32, 16, 1], 4, 2, 1, 4)):
        yield halved(model)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for model in models():
        onnx.save(onnx.shape_inference.infer_shapes(model), folder / f"{model.graph.name}.onnx")


if __name__ == "__main__":
    main()
