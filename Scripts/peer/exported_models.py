"""Run models as people export them through paretop and ONNX Runtime: exported_models.py PARETOP [--torch] [NAME...]

Without --torch: graphs in the style of tf2onnx (NHWC in transposes), CNTK, control flow, recurrent nodes, Einsum,
functions, and what ONNX Runtime's optimizer and quantizers write. With --torch: untrained models through PyTorch's
two exporters; needs torch, torchvision and onnxscript. Each is run as it is and, where it has layers, at 8 bits (which
must come close to the original, whatever the weights' form). Exit 1 where one fails.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh

import compare

MODELS = {}
RNG = np.random.default_rng(5)
DYNAMIC = 2e-2  # ONNX Runtime's dynamic quantization rounds activations in its own kernels


def model(function):
    """Register a function that gives (model or path, feeds[, bound])."""
    MODELS[function.__name__] = function
    return function


def normal(*shape, scale=1.0):
    return (RNG.standard_normal(shape) * scale).astype(np.float32)


def init(name, value):
    return nh.from_array(np.asarray(value), name)


def info(name, shape, kind=T.FLOAT):
    return h.make_tensor_value_info(name, kind, shape)


def build(nodes, inputs, outputs, initializers=(), opset=17, functions=(), extra=()):
    graph = h.make_graph(nodes, "exported", inputs, outputs, list(initializers))
    imports = [h.make_opsetid("", opset), *extra]
    built = h.make_model(graph, opset_imports=imports, functions=list(functions), producer_name="paretop-peer")
    built.ir_version = 8
    return built


def small_cnn():
    """Conv, batch norm, Relu, pooling, Gemm: what the quantizers and optimizers below start from."""
    nodes = [
        h.make_node("Conv", ["x", "c1"], ["a"], name="conv1", pads=[1] * 4),
        h.make_node("BatchNormalization", ["a", "s", "b", "m", "v"], ["n"], name="bn1"),
        h.make_node("Relu", ["n"], ["r"]),
        h.make_node("Conv", ["r", "c2", "c2b"], ["d"], name="conv2", strides=[2, 2], pads=[1] * 4),
        h.make_node("Clip", ["d", "zero", "six"], ["e"]),
        h.make_node("GlobalAveragePool", ["e"], ["g"]),
        h.make_node("Flatten", ["g"], ["f"]),
        h.make_node("Gemm", ["f", "w", "wb"], ["y"], name="fc", transB=1),
    ]
    weights = [
        init("c1", normal(8, 3, 3, 3, scale=0.3)), init("s", 1 + normal(8, scale=0.1)), init("b", normal(8)),
        init("m", normal(8, scale=0.1)), init("v", 1 + np.abs(normal(8))), init("c2", normal(16, 8, 3, 3, scale=0.2)),
        init("c2b", normal(16)), init("w", normal(10, 16)), init("wb", normal(10)),
        init("zero", np.float32(0)), init("six", np.float32(6)),
    ]
    return build(nodes, [info("x", ["n", 3, 12, 12])], [info("y", None)], weights), {"x": normal(2, 3, 12, 12)}


def small_transformer_mlp():
    nodes = [
        h.make_node("MatMul", ["x", "w1"], ["a"], name="up"), h.make_node("Add", ["a", "b1"], ["b"]),
        h.make_node("Erf", ["b"], ["e0"]), h.make_node("Mul", ["b", "e0"], ["e"]),
        h.make_node("MatMul", ["e", "w2"], ["c"], name="down"), h.make_node("Add", ["c", "b2"], ["d"]),
        h.make_node("Add", ["d", "x"], ["s"]),
        h.make_node("LayerNormalization", ["s", "g", "o"], ["y"], axis=-1),
    ]
    weights = [init("w1", normal(32, 64, scale=0.2)), init("b1", normal(64)), init("w2", normal(64, 32, scale=0.2)),
               init("b2", normal(32)), init("g", 1 + normal(32, scale=0.1)), init("o", normal(32))]
    return build(nodes, [info("x", ["n", 5, 32])], [info("y", None)], weights), {"x": normal(2, 5, 32)}


@model
def ort_optimized_cnn():
    return optimized(*small_cnn())


@model
def ort_optimized_transformer():
    return optimized(*small_transformer_mlp())


def optimized(source, feeds):
    path = pathlib.Path(tempfile.mkdtemp()) / "optimized.onnx"
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(path)
    ort.InferenceSession(source.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return onnx.load(path), feeds


def quantized(source, feeds, **arguments):
    from onnxruntime.quantization import CalibrationDataReader, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.left = iter([feeds] * 2)

        def get_next(self):
            return next(self.left, None)

    folder = pathlib.Path(tempfile.mkdtemp())
    onnx.save(source, folder / "source.onnx")
    quantize_static(str(folder / "source.onnx"), str(folder / "quantized.onnx"), Reader(), **arguments)
    return onnx.load(folder / "quantized.onnx"), feeds, 5e-2


@model
def ort_qdq_cnn():
    from onnxruntime.quantization import QuantFormat, QuantType
    return quantized(*small_cnn(), quant_format=QuantFormat.QDQ, per_channel=True, weight_type=QuantType.QInt8)


@model
def ort_qoperator_cnn():
    from onnxruntime.quantization import QuantFormat, QuantType
    return quantized(*small_cnn(), quant_format=QuantFormat.QOperator,
                     activation_type=QuantType.QUInt8, weight_type=QuantType.QUInt8)


@model
def ort_qdq_transformer():
    from onnxruntime.quantization import QuantFormat
    return quantized(*small_transformer_mlp(), quant_format=QuantFormat.QDQ)


@model
def ort_dynamic_transformer():
    from onnxruntime.quantization import quantize_dynamic
    source, feeds = small_transformer_mlp()
    folder = pathlib.Path(tempfile.mkdtemp())
    onnx.save(source, folder / "source.onnx")
    # With full-range weights ONNX Runtime's 8-bit products saturate on processors without VNNI.
    quantize_dynamic(str(folder / "source.onnx"), str(folder / "quantized.onnx"), reduce_range=True)
    return onnx.load(folder / "quantized.onnx"), feeds, DYNAMIC


@model
def ort_matmul_4bits():
    weight = normal(64, 48)
    packed = RNG.integers(0, 256, (48, 2, 16), dtype=np.uint8)
    node = h.make_node("MatMulNBits", ["x", "q", "s"], ["y"], name="proj", domain="com.microsoft", K=64, N=48, bits=4,
                       block_size=32)
    del weight
    built = build([node], [info("x", ["n", 64])], [info("y", None)],
                  [init("q", packed), init("s", np.abs(normal(96, scale=0.1)))],
                  extra=[h.make_opsetid("com.microsoft", 1)])
    return built, {"x": normal(3, 64)}


@model
def tf2onnx_nhwc():
    nodes = [
        h.make_node("Transpose", ["x"], ["a"], perm=[0, 3, 1, 2]),
        h.make_node("Conv", ["a", "c", "cb"], ["b"], name="StatefulPartitionedCall/conv", auto_pad="SAME_UPPER",
                    strides=[2, 2]),
        h.make_node("Transpose", ["b"], ["d"], perm=[0, 2, 3, 1]),
        h.make_node("Relu", ["d"], ["e"]),
        h.make_node("Transpose", ["e"], ["f"], perm=[0, 3, 1, 2]),
        h.make_node("MaxPool", ["f"], ["g"], kernel_shape=[2, 2], strides=[2, 2]),
        h.make_node("Transpose", ["g"], ["i"], perm=[0, 2, 3, 1]),
        h.make_node("Reshape", ["i", "shape"], ["j"]),
        h.make_node("MatMul", ["j", "w"], ["k"], name="dense/MatMul"), h.make_node("Add", ["k", "wb"], ["l"]),
        h.make_node("Softmax", ["l"], ["y"], axis=-1),
    ]
    weights = [init("c", normal(6, 3, 3, 3)), init("cb", normal(6)), init("shape", np.array([-1, 54])),
               init("w", normal(54, 4)), init("wb", normal(4))]
    return build(nodes, [info("x", ["n", 12, 12, 3])], [info("y", None)], weights, 13), {"x": normal(2, 12, 12, 3)}


@model
def cntk_initializers_as_inputs():
    nodes = [
        h.make_node("Sub", ["x", "mean"], ["a"]),
        h.make_node("Conv", ["a", "c"], ["b"], name="Convolution28", auto_pad="SAME_UPPER", kernel_shape=[5, 5]),
        h.make_node("Add", ["b", "cb"], ["d"]), h.make_node("Relu", ["d"], ["e"]),
        h.make_node("MaxPool", ["e"], ["f"], kernel_shape=[3, 3], strides=[3, 3], auto_pad="NOTSET", pads=[0] * 4),
        h.make_node("Reshape", ["f", "rows"], ["g"]), h.make_node("Reshape", ["w3", "matrix"], ["w"]),
        h.make_node("MatMul", ["g", "w"], ["i"], name="Times212"), h.make_node("Add", ["i", "wb"], ["y"]),
    ]
    weights = [init("mean", np.float32(0.5)), init("c", normal(4, 1, 5, 5)), init("cb", normal(4, 1, 1)),
               init("rows", np.array([1, 64])), init("w3", normal(4, 4, 4, 10)), init("matrix", np.array([64, 10])),
               init("wb", normal(1, 10))]
    inputs = [info("x", [1, 1, 12, 12])] + [info(w.name, w.dims, w.data_type) for w in weights]
    return build(nodes, inputs, [info("y", [1, 10])], weights, 8), {"x": normal(1, 1, 12, 12)}


@model
def weights_behind_nodes():
    nodes = [
        h.make_node("Constant", [], ["w0"], value=init("", normal(12, 8))),
        h.make_node("Transpose", ["w0"], ["w1"], perm=[1, 0]), h.make_node("Identity", ["w1"], ["w2"]),
        h.make_node("MatMul", ["x", "w2"], ["a"], name="first"),
        h.make_node("Cast", ["h"], ["h1"], to=T.FLOAT), h.make_node("MatMul", ["a", "h1"], ["b"], name="second"),
        h.make_node("Dropout", ["b"], ["c"]), h.make_node("Gemm", ["c", "g"], ["y"], name="third", alpha=0.5),
    ]
    weights = [init("h", normal(12, 6).astype(np.float16)), init("g", normal(6, 3))]
    return build(nodes, [info("x", ["n", 8])], [info("y", None)], weights, 12), {"x": normal(3, 8)}


@model
def einsum_attention():
    nodes = [
        h.make_node("Einsum", ["x", "q"], ["a"], name="query", equation="bld,dhk->bhlk"),
        h.make_node("Einsum", ["x", "k"], ["b"], name="key", equation="bld,dhk->bhlk"),
        h.make_node("Einsum", ["a", "b"], ["s"], equation="bhlk,bhmk->bhlm"), h.make_node("Softmax", ["s"], ["p"]),
        h.make_node("Einsum", ["p", "b"], ["c"], equation="bhlm,bhmk->blhk"),
        h.make_node("Einsum", ["c", "o"], ["y"], name="out", equation="blhk,hkd->bld"),
    ]
    weights = [init(n, normal(*s, scale=0.3)) for n, s in
               (("q", (16, 4, 4)), ("k", (16, 4, 4)), ("o", (4, 4, 16)))]
    return build(nodes, [info("x", ["n", 6, 16])], [info("y", None)], weights), {"x": normal(2, 6, 16)}


def recurrent(kind, gates, directions=1):
    direction = "bidirectional" if directions == 2 else "forward"
    nodes = [
        h.make_node(kind, ["x", "w", "r", "b"], ["y", "last"], name=f"{kind.lower()}_1", hidden_size=6,
                    direction=direction),
    ]
    weights = [init("w", normal(directions, gates * 6, 5, scale=0.4)),
               init("r", normal(directions, gates * 6, 6, scale=0.4)), init("b", normal(directions, 2 * gates * 6))]
    return build(nodes, [info("x", [7, 2, 5])], [info("y", None), info("last", None)], weights), {"x": normal(7, 2, 5)}


@model
def lstm_bidirectional():
    return recurrent("LSTM", 4, 2)


@model
def gru():
    return recurrent("GRU", 3)


@model
def conv_transpose_unet():
    nodes = [
        h.make_node("Conv", ["x", "c"], ["a"], name="down", strides=[2, 2], pads=[1] * 4),
        h.make_node("Relu", ["a"], ["b"]),
        h.make_node("ConvTranspose", ["b", "t", "tb"], ["d"], name="up", strides=[2, 2]),
        h.make_node("Concat", ["d", "x"], ["e"], axis=1), h.make_node("Conv", ["e", "o"], ["y"], name="head"),
    ]
    weights = [init("c", normal(8, 3, 3, 3)), init("t", normal(8, 5, 2, 2)), init("tb", normal(5)),
               init("o", normal(2, 8, 1, 1))]
    return build(nodes, [info("x", ["n", 3, 8, 8])], [info("y", None)], weights), {"x": normal(2, 3, 8, 8)}


@model
def branches_with_weights():
    then = h.make_graph([h.make_node("Gemm", ["x", "tw"], ["t"], name="then_fc")], "then", [], [info("t", None)],
                        [init("tw", normal(4, 3))])
    other = h.make_graph([h.make_node("Constant", [], ["ew"], value=init("", normal(4, 3))),
                          h.make_node("MatMul", ["x", "ew"], ["e"], name="else_fc")], "else", [], [info("e", None)])
    nodes = [h.make_node("ReduceSum", ["x"], ["s"], keepdims=0), h.make_node("Greater", ["s", "zero"], ["c"]),
             h.make_node("If", ["c"], ["y"], name="if", then_branch=then, else_branch=other)]
    return build(nodes, [info("x", [2, 4])], [info("y", None)], [init("zero", np.float32(0))]), {"x": normal(2, 4)}


@model
def detection_with_nms():
    nodes = [
        h.make_node("MatMul", ["x", "w"], ["a"], name="head"), h.make_node("Sigmoid", ["a"], ["b"]),
        h.make_node("Split", ["b", "sizes"], ["boxes", "scores0"], axis=2),
        h.make_node("Transpose", ["scores0"], ["scores"], perm=[0, 2, 1]),
        h.make_node("NonMaxSuppression", ["boxes", "scores", "most", "iou", "low"], ["picked"]),
        h.make_node("Slice", ["picked", "two", "three", "one"], ["place"]),
        h.make_node("Squeeze", ["place", "one"], ["rows"]), h.make_node("Gather", ["b", "rows"], ["y"], axis=1),
    ]
    weights = [init("w", normal(8, 6)), init("sizes", np.array([4, 2])), init("most", np.array([5])),
               init("iou", np.array([0.5], np.float32)), init("low", np.array([0.3], np.float32)),
               init("one", np.array([1])), init("two", np.array([2])), init("three", np.array([3]))]
    return build(nodes, [info("x", [1, 20, 8])], [info("y", None), info("picked", None, T.INT64)], weights), {
        "x": normal(1, 20, 8)}


@model
def local_functions():
    body = [h.make_node("MatMul", ["a", "m"], ["t"], name="product"), h.make_node("Relu", ["t"], ["b"])]
    function = h.make_function("custom", "Dense", ["a", "m"], ["b"], body, [h.make_opsetid("", 17)])
    nodes = [h.make_node("Dense", ["x", "w1"], ["h"], name="block1", domain="custom"),
             h.make_node("Dense", ["h", "w2"], ["y"], name="block2", domain="custom")]
    return build(nodes, [info("x", ["n", 6])], [info("y", None)], [init("w1", normal(6, 8)), init("w2", normal(8, 4))],
                 functions=[function], extra=[h.make_opsetid("custom", 1)]), {"x": normal(3, 6)}


def torch_models():
    """(name, module, inputs) of untrained models; imported only when asked for."""
    import torch
    import torchvision as tv
    torch.manual_seed(0)
    nn = torch.nn

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.rnn = nn.Embedding(50, 16), nn.LSTM(16, 12, batch_first=True, bidirectional=True)
            self.head = nn.Linear(24, 5)

        def forward(self, tokens):
            return self.head(self.rnn(self.embed(tokens))[0])

    class Gru(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.head = nn.GRU(8, 10, num_layers=2, batch_first=True), nn.Linear(10, 3)

        def forward(self, x):
            return self.head(self.rnn(x)[0][:, -1])

    class Unet(nn.Module):
        def __init__(self):
            super().__init__()
            self.down = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.SiLU())
            self.mid = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.GELU())
            self.up, self.head = nn.ConvTranspose2d(16, 8, 2, 2), nn.Conv2d(16, 2, 1)

        def forward(self, x):
            down = self.down(x)
            return self.head(torch.cat([self.up(self.mid(down)), down], 1))

    class Whisper(nn.Module):
        def __init__(self):
            super().__init__()
            self.front = nn.Sequential(nn.Conv1d(20, 32, 3, padding=1), nn.GELU(),
                                       nn.Conv1d(32, 32, 3, stride=2, padding=1), nn.GELU())
            self.encoder = nn.TransformerEncoder(
                nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, norm_first=True), 2, enable_nested_tensor=False)
            self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(32, 4, 64, batch_first=True), 1)
            self.embed, self.head = nn.Embedding(40, 32), nn.Linear(32, 40)

        def forward(self, mel, tokens):
            memory = self.encoder(self.front(mel).transpose(1, 2))
            mask = torch.triu(torch.full((tokens.shape[1],) * 2, float("-inf")), 1)
            return self.head(self.decoder(self.embed(tokens), memory, tgt_mask=mask))

    class Detector(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.head = nn.Conv2d(3, 8, 3, stride=4, padding=1), nn.Conv2d(8, 5, 1)

        def forward(self, x):
            found = self.head(torch.relu(self.body(x)))[0].flatten(1).t()
            corner = found[:, :2].sigmoid() * 30
            boxes = torch.cat([corner, corner + 5], 1)
            keep = tv.ops.nms(boxes, found[:, 4], 0.4)
            return boxes[keep], found[keep, 4]

    image = torch.randn(1, 3, 64, 64)
    small = {"weights": None, "num_classes": 10}
    yield "resnet18", tv.models.resnet18(**small), (image,)
    yield "mobilenet_v2", tv.models.mobilenet_v2(width_mult=0.35, **small), (image,)
    yield "mobilenet_v3", tv.models.mobilenet_v3_small(**small), (image,)
    yield "efficientnet", tv.models.efficientnet_b0(**small), (image,)
    yield "densenet", tv.models.densenet121(**small), (image,)
    yield "shufflenet", tv.models.shufflenet_v2_x0_5(**small), (image,)
    yield "squeezenet", tv.models.squeezenet1_1(**small), (image,)
    yield "convnext", tv.models.convnext_tiny(**small), (image,)
    yield "vit", tv.models.VisionTransformer(32, 8, 2, 4, 32, 64, num_classes=10), (torch.randn(1, 3, 32, 32),)
    yield "swin", tv.models.SwinTransformer([4, 4], 16, [2, 2], [2, 4], [4, 4], num_classes=10), (image,)
    yield "deeplab", tv.models.segmentation.lraspp_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=4), (image,)
    yield "unet", Unet(), (image,)
    yield "lstm_tagger", Tagger(), (torch.randint(0, 50, (1, 9)),)
    yield "gru", Gru(), (torch.randn(1, 7, 8),)
    yield "whisper", Whisper(), (torch.randn(1, 20, 24), torch.randint(0, 40, (1, 6)))
    yield "detector", Detector(), (image,)


def from_torch(folder, wanted):
    """Write every PyTorch model with both exporters; yields (name, path, feeds)."""
    import warnings

    import torch
    warnings.filterwarnings("ignore")
    for name, module, inputs in torch_models():
        for dynamo in (False, True):
            case = f"torch_{name}_{'dynamo' if dynamo else 'script'}"
            if wanted and case not in wanted:
                continue
            path = folder / f"{case}.onnx"
            names = [f"input{i}" for i in range(len(inputs))]
            try:
                torch.onnx.export(module.eval(), inputs, str(path), input_names=names, dynamo=dynamo,
                                  opset_version=18 if dynamo else 17)
            except Exception as error:  # noqa: BLE001 (what PyTorch cannot export is no fault of ours)
                print(f"skip  {case:44} not exported: {str(error).splitlines()[0][:80]}", flush=True)
                continue
            yield case, path, dict(zip(names, (i.numpy() for i in inputs)))


def check(program, case, path, feeds, bound, folder):
    """Sentence and whether it passed."""
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    expected = dict(zip(names, session.run(names, feeds)))
    np.savez(folder / "in.npz", **feeds)

    def run(*arguments):
        done = subprocess.run([program, "run", path, "--input", folder / "in.npz", "--output", folder / "out.npz",
                               *arguments], capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1])
        with np.load(folder / "out.npz") as archive:
            return dict(archive)

    try:
        found = run()
        worst = max((compare.error(found[n], expected[n]) if n in found else np.inf) for n in names)
        if worst > bound:
            return f"error {worst:.1e}, bound {bound:.0e}", False
        done = subprocess.run([program, "inspect", path], capture_output=True, text=True, timeout=300)
        if done.returncode:
            return (done.stderr or done.stdout).strip().splitlines()[-1], False
        small = run("--bits", "8")
        shapes = all(n in small and (small[n].shape == expected[n].shape or "nms" in case or "detector" in case)
                     for n in names)
        finite = all(np.isfinite(small[n]).all() == np.isfinite(expected[n]).all() for n in names if n in small)
        return f"error {worst:.1e}; runs at 8 bits", shapes and finite
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return str(error)[:300], False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--torch", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    failed = passed = lacking = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def cases():
            if arguments.torch:
                for case, path, feeds in from_torch(folder, arguments.names):
                    yield case, path, feeds, 1e-3
                return
            for case, function in MODELS.items():
                if arguments.names and case not in arguments.names:
                    continue
                built, feeds, *bound = function()
                path = folder / f"{case}.onnx"
                onnx.save(built, path)
                yield case, path, feeds, bound[0] if bound else 1e-4

        for case, path, feeds, bound in cases():
            outcome, good = check(arguments.program, case, path, feeds, bound, folder)
            # An operator that is not there yet is told of, but is no wrong answer.
            lacks = not good and "which is not supported" in outcome
            passed, lacking, failed = passed + good, lacking + lacks, failed + (not good and not lacks)
            print(f"{'ok  ' if good else 'lack' if lacks else 'FAIL'}  {case:44} {outcome}", flush=True)
    print(json.dumps({"passed": passed, "lacking an operator": lacking, "failed": failed}))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
