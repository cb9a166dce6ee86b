"""Models as exporters write them, built by hand, and what ONNX Runtime's optimizer and quantizers make of them.

Each function in MODELS gives (model, feeds[, bound]).
"""

import logging
import pathlib
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh

logging.getLogger().setLevel(logging.ERROR)  # the quantizers advise on every model
MODELS = {}
RNG = np.random.default_rng(5)
DYNAMIC = 2e-2  # ONNX Runtime's dynamic quantization rounds activations in its own kernels
FOLDERS = []


def folder():
    """A folder that is gone at the end."""
    FOLDERS.append(tempfile.TemporaryDirectory())
    return pathlib.Path(FOLDERS[-1].name)


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
    path = folder() / "optimized.onnx"
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

    place = folder()
    onnx.save(source, place / "source.onnx")
    quantize_static(str(place / "source.onnx"), str(place / "quantized.onnx"), Reader(), **arguments)
    return onnx.load(place / "quantized.onnx"), feeds, 5e-2


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
    place = folder()
    onnx.save(source, place / "source.onnx")
    # With full-range weights ONNX Runtime's 8-bit products saturate on processors without VNNI.
    quantize_dynamic(str(place / "source.onnx"), str(place / "quantized.onnx"), reduce_range=True)
    return onnx.load(place / "quantized.onnx"), feeds, DYNAMIC


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


@model
def residual_block_unfolded():
    """ResNet's block as an evaluation-mode export leaves it: batch norms, Dropout and Identity still there."""
    nodes, weights = [], []
    value = "x"
    for n, (inner, out) in enumerate(((4, 6), (6, 4))):
        weights += [init(f"c{n}", normal(out, inner, 3, 3, scale=0.3)), init(f"s{n}", 1 + normal(out, scale=0.1)),
                    init(f"b{n}", normal(out)), init(f"m{n}", normal(out, scale=0.1)),
                    init(f"v{n}", 1 + np.abs(normal(out)))]
        nodes += [h.make_node("Conv", [value, f"c{n}"], [f"a{n}"], name=f"layer1.0.conv{n + 1}", pads=[1] * 4),
                  h.make_node("BatchNormalization", [f"a{n}", f"s{n}", f"b{n}", f"m{n}", f"v{n}"], [f"n{n}"])]
        value = f"n{n}"
        if n == 0:
            nodes += [h.make_node("Relu", [value], ["r0"]), h.make_node("Dropout", ["r0"], ["d0", "mask"], ratio=0.5)]
            value = "d0"
    nodes += [h.make_node("Identity", ["x"], ["skip"]), h.make_node("Add", [value, "skip"], ["sum"]),
              h.make_node("Relu", ["sum"], ["r1"]), h.make_node("GlobalAveragePool", ["r1"], ["g"]),
              h.make_node("Flatten", ["g"], ["f"]), h.make_node("Identity", ["w0"], ["w"]),
              h.make_node("Gemm", ["f", "w", "wb"], ["y"], name="fc", transB=1)]
    weights += [init("w0", normal(5, 4)), init("wb", normal(5))]
    return build(nodes, [info("x", ["n", 4, 9, 9])], [info("y", None)], weights, 10), {"x": normal(2, 4, 9, 9)}


@model
def mobilenet_block():
    """Expansion, depthwise convolution, squeeze and excitation, projection; its clips as nodes and as attributes."""
    nodes = [
        h.make_node("Conv", ["x", "e"], ["a"], name="expand"), h.make_node("HardSwish", ["a"], ["b"]),
        h.make_node("Conv", ["b", "d", "db"], ["c"], name="depthwise", group=12, strides=[2, 2], pads=[1] * 4),
        h.make_node("Clip", ["c", "zero", "six"], ["r"]),
        h.make_node("ReduceMean", ["r"], ["p"], axes=[2, 3], keepdims=1),
        h.make_node("Conv", ["p", "q1", "q1b"], ["s"], name="se.fc1"), h.make_node("Relu", ["s"], ["t"]),
        h.make_node("Conv", ["t", "q2", "q2b"], ["u"], name="se.fc2"), h.make_node("HardSigmoid", ["u"], ["v"],
                                                                                  alpha=1 / 6),
        h.make_node("Mul", ["v", "r"], ["w"]), h.make_node("Conv", ["w", "j"], ["y"], name="project"),
    ]
    weights = [init("e", normal(12, 4, 1, 1)), init("d", normal(12, 1, 3, 3)), init("db", normal(12)),
               init("zero", np.float32(0)), init("six", np.float32(6)), init("q1", normal(3, 12, 1, 1)),
               init("q1b", normal(3)), init("q2", normal(12, 3, 1, 1)), init("q2b", normal(12)),
               init("j", normal(6, 12, 1, 1))]
    return build(nodes, [info("x", ["n", 4, 10, 10])], [info("y", None)], weights, 14), {"x": normal(2, 4, 10, 10)}


def layer_norm(value, name, weights, width):
    """LayerNormalization in the nodes that exporters write before operator set 17."""
    weights += [init(f"{name}.weight", 1 + normal(width, scale=0.1)), init(f"{name}.bias", normal(width, scale=0.1)),
                init(f"{name}.two", np.float32(2)), init(f"{name}.eps", np.float32(1e-5))]
    return [h.make_node("ReduceMean", [value], [f"{name}.m"], axes=[-1]),
            h.make_node("Sub", [value, f"{name}.m"], [f"{name}.c"]),
            h.make_node("Pow", [f"{name}.c", f"{name}.two"], [f"{name}.p"]),
            h.make_node("ReduceMean", [f"{name}.p"], [f"{name}.v"], axes=[-1]),
            h.make_node("Add", [f"{name}.v", f"{name}.eps"], [f"{name}.e"]),
            h.make_node("Sqrt", [f"{name}.e"], [f"{name}.s"]),
            h.make_node("Div", [f"{name}.c", f"{name}.s"], [f"{name}.d"]),
            h.make_node("Mul", [f"{name}.d", f"{name}.weight"], [f"{name}.g"]),
            h.make_node("Add", [f"{name}.g", f"{name}.bias"], [name])], name


@model
def gpt_block():
    """Token and position tables, decomposed layer norms, one product for query, key and value, a causal mask cut from a
    constant by the sequence's length, the tanh form of Gelu, and logits by the transposed table."""
    weights = [init("table", normal(30, 16, scale=0.5)), init("places", normal(24, 16, scale=0.5)),
               init("qkv", normal(16, 48, scale=0.3)), init("qkvb", normal(48, scale=0.1)),
               init("o", normal(16, 16, scale=0.3)), init("up", normal(16, 32, scale=0.3)),
               init("down", normal(32, 16, scale=0.3)), init("heads", np.array([0, 0, 4, 4])),
               init("mask", np.tril(np.ones((1, 1, 24, 24), bool))), init("low", np.float32(-1e4)),
               init("root", np.float32(2)), init("flat", np.array([0, 0, 16])), init("one", np.array([1])),
               init("zero", np.array([0])), init("axis2", np.array([2])), init("axis3", np.array([3])),
               init("half", np.float32(0.5)), init("unit", np.float32(1)), init("cube", np.float32(3)),
               init("inner", np.float32(0.044715)), init("outer", np.float32(np.sqrt(2 / np.pi))),
               init("start", np.array(0)), init("step", np.array(1)), init("first", np.array(1))]
    nodes = [
        h.make_node("Gather", ["table", "x"], ["tokens"], name="wte"), h.make_node("Shape", ["x"], ["shape"]),
        h.make_node("Gather", ["shape", "first"], ["length"], axis=0),
        h.make_node("Range", ["start", "length", "step"], ["ids"]),
        h.make_node("Gather", ["places", "ids"], ["where"], name="wpe"), h.make_node("Add", ["tokens", "where"], ["h0"]),
    ]
    more, norm = layer_norm("h0", "ln1", weights, 16)
    nodes += more + [
        h.make_node("MatMul", [norm, "qkv"], ["a0"], name="attn.c_attn"), h.make_node("Add", ["a0", "qkvb"], ["a1"]),
        h.make_node("Split", ["a1"], ["q0", "k0", "v0"], axis=2),
    ]
    for part, order in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])):
        nodes += [h.make_node("Reshape", [f"{part}0", "heads"], [f"{part}1"]),
                  h.make_node("Transpose", [f"{part}1"], [f"{part}2"], perm=order)]
    nodes += [
        h.make_node("MatMul", ["q2", "k2"], ["s0"]), h.make_node("Div", ["s0", "root"], ["s1"]),
        h.make_node("Unsqueeze", ["length", "zero"], ["end"]),
        h.make_node("Slice", ["mask", "zero", "end", "axis2", "one"], ["mask1"]),
        h.make_node("Slice", ["mask1", "zero", "end", "axis3", "one"], ["mask2"]),
        h.make_node("Where", ["mask2", "s1", "low"], ["s2"]), h.make_node("Softmax", ["s2"], ["p"], axis=-1),
        h.make_node("MatMul", ["p", "v2"], ["c0"]), h.make_node("Transpose", ["c0"], ["c1"], perm=[0, 2, 1, 3]),
        h.make_node("Reshape", ["c1", "flat"], ["c2"]), h.make_node("MatMul", ["c2", "o"], ["c3"], name="attn.c_proj"),
        h.make_node("Add", ["c3", "h0"], ["h1"]),
    ]
    more, norm = layer_norm("h1", "ln2", weights, 16)
    nodes += more + [
        h.make_node("MatMul", [norm, "up"], ["m0"], name="mlp.c_fc"), h.make_node("Pow", ["m0", "cube"], ["m1"]),
        h.make_node("Mul", ["m1", "inner"], ["m2"]), h.make_node("Add", ["m0", "m2"], ["m3"]),
        h.make_node("Mul", ["m3", "outer"], ["m4"]), h.make_node("Tanh", ["m4"], ["m5"]),
        h.make_node("Add", ["m5", "unit"], ["m6"]), h.make_node("Mul", ["m0", "half"], ["m7"]),
        h.make_node("Mul", ["m7", "m6"], ["m8"]), h.make_node("MatMul", ["m8", "down"], ["m9"], name="mlp.c_proj"),
        h.make_node("Add", ["m9", "h1"], ["h2"]), h.make_node("Transpose", ["table"], ["turned"], perm=[1, 0]),
        h.make_node("MatMul", ["h2", "turned"], ["y"], name="lm_head"),
    ]
    return build(nodes, [info("x", ["n", "t"], T.INT64)], [info("y", None)], weights, 13), {
        "x": RNG.integers(0, 30, (2, 7))}


@model
def vit_patches():
    """A patch convolution, a class token expanded to the batch by its shape, positions, and a head on the first token."""
    nodes = [
        h.make_node("Conv", ["x", "patch", "pb"], ["a"], name="patch_embed", strides=[4, 4]),
        h.make_node("Shape", ["a"], ["s"]), h.make_node("Slice", ["s", "zero", "two"], ["s2"]),
        h.make_node("Concat", ["s2", "minus"], ["s3"], axis=0), h.make_node("Reshape", ["a", "s3"], ["b"]),
        h.make_node("Transpose", ["b"], ["c"], perm=[0, 2, 1]), h.make_node("Slice", ["s", "zero", "one"], ["n"]),
        h.make_node("Concat", ["n", "minus", "minus"], ["e0"], axis=0),
        h.make_node("ConstantOfShape", ["three"], ["ones"], value=init("", np.array([1]))),
        h.make_node("Equal", ["e0", "minus3"], ["same"]), h.make_node("Where", ["same", "ones", "e0"], ["e1"]),
        h.make_node("Expand", ["cls", "e1"], ["cls1"]), h.make_node("Concat", ["cls1", "c"], ["d"], axis=1),
        h.make_node("Add", ["d", "pos"], ["f"]),
        h.make_node("LayerNormalization", ["f", "g", "o"], ["l"], axis=-1),
        h.make_node("Gather", ["l", "index"], ["first"], axis=1),
        h.make_node("Gemm", ["first", "w", "wb"], ["y"], name="head", transB=1),
    ]
    weights = [init("patch", normal(8, 3, 4, 4, scale=0.2)), init("pb", normal(8)), init("cls", normal(1, 1, 8)),
               init("pos", normal(1, 10, 8)), init("g", 1 + normal(8, scale=0.1)), init("o", normal(8)),
               init("w", normal(5, 8)), init("wb", normal(5)), init("zero", np.array([0])), init("one", np.array([1])),
               init("two", np.array([2])), init("three", np.array([3])), init("minus", np.array([-1])),
               init("minus3", np.array([-1, -1, -1])), init("index", np.array(0))]
    return build(nodes, [info("x", ["n", 3, 12, 12])], [info("y", None)], weights), {"x": normal(2, 3, 12, 12)}


@model
def resize_decoder():
    """A segmentation decoder: bilinear and nearest Resize by scales and by sizes taken from another value's shape."""
    nodes = [
        h.make_node("Conv", ["x", "c"], ["a"], name="down", strides=[2, 2], pads=[1] * 4),
        h.make_node("InstanceNormalization", ["a", "g", "b"], ["i"]), h.make_node("LeakyRelu", ["i"], ["l"], alpha=0.1),
        h.make_node("Resize", ["l", "", "scales"], ["u"], mode="linear",
                    coordinate_transformation_mode="half_pixel"),
        h.make_node("Conv", ["u", "d"], ["e"], name="up", pads=[1] * 4),
        h.make_node("Shape", ["x"], ["s"]), h.make_node("Slice", ["s", "two", "four"], ["hw"]),
        h.make_node("Shape", ["e"], ["se"]), h.make_node("Slice", ["se", "zero", "two"], ["nc"]),
        h.make_node("Concat", ["nc", "hw"], ["sizes"], axis=0),
        h.make_node("Resize", ["e", "", "", "sizes"], ["y"], mode="nearest", nearest_mode="floor",
                    coordinate_transformation_mode="asymmetric"),
    ]
    weights = [init("c", normal(6, 3, 3, 3)), init("g", 1 + normal(6, scale=0.1)), init("b", normal(6)),
               init("scales", np.array([1, 1, 2, 2], np.float32)), init("d", normal(2, 6, 3, 3)),
               init("zero", np.array([0])), init("two", np.array([2])), init("four", np.array([4]))]
    return build(nodes, [info("x", ["n", 3, 9, 9])], [info("y", None)], weights, 13), {"x": normal(2, 3, 9, 9)}


@model
def scalar_inputs():
    nodes = [h.make_node("MatMul", ["x", "w"], ["a"], name="fc"), h.make_node("Div", ["a", "temperature"], ["b"]),
             h.make_node("Softmax", ["b"], ["y"], axis=-1)]
    return build(nodes, [info("temperature", []), info("x", ["n", 6])], [info("y", None)], [init("w", normal(6, 4))]), {
        "temperature": np.array(0.7, np.float32), "x": normal(3, 6)}
