#!/usr/bin/env python3
"""Writes what ONNX Runtime computes for one small graph per operator case, for Tests/OperatorsTests.

Usage: operator_cases.py [OUTPUT]   (default Tests/Recorded/operators.json)

Needs numpy, onnx and onnxruntime. Seeded: the same versions write the same file. A case is one node; its inputs are
either fed or, where marked, constants of the graph. Tensors are base64 of their little-endian bytes.
"""
import base64
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(20240611)
cases = []


def f32(*shape, low=-3.0, high=3.0):
    return rng.uniform(low, high, shape).astype(np.float32)


def ints(*shape, low=-9, high=9, dtype=np.int64):
    return rng.integers(low, high, shape, endpoint=True).astype(dtype)


class Const:
    """Marks an input as an initializer."""

    def __init__(self, value, dtype=None):
        self.value = np.asarray(value, dtype=dtype)


def i64(*values):
    return Const(np.array(values, dtype=np.int64))


def encoded(array):
    names = {"float32": "float32", "float64": "float64", "float16": "float16", "bool": "bool"}
    return {
        "type": names.get(array.dtype.name, array.dtype.name),
        "shape": list(array.shape),
        "bytes": base64.b64encode(np.ascontiguousarray(array).tobytes()).decode(),
    }


def attribute(value):
    if isinstance(value, bool):
        return {"int": int(value)}
    if isinstance(value, int):
        return {"int": value}
    if isinstance(value, float):
        return {"float": value}
    if isinstance(value, str):
        return {"string": value}
    if isinstance(value, np.ndarray):
        return {"tensor": encoded(value)}
    if all(isinstance(v, int) for v in value):
        return {"ints": list(value)}
    return {"floats": [float(v) for v in value]}


def case(name, op, opset, inputs, outputs=1, domain="", tolerance=1e-5, expected=None, **attributes):
    """Runs `op` in ONNX Runtime and records it. An input of None is omitted; `opset_` is an attribute of that name.

    `expected` is what comes out where ONNX Runtime's CPU provider has no such kernel, by numpy.
    """
    attributes = {k.rstrip("_"): v for k, v in attributes.items()}
    names, feeds, constants = [], {}, {}
    for index, value in enumerate(inputs):
        if value is None:
            names.append("")
            continue
        names.append(f"x{index}")
        if isinstance(value, Const):
            constants[f"x{index}"] = value.value
        else:
            feeds[f"x{index}"] = np.asarray(value)
    out = [f"y{i}" for i in range(outputs)]
    given = {k: numpy_helper.from_array(v) if isinstance(v, np.ndarray) else v for k, v in attributes.items()}
    node = helper.make_node(op, names, out, name="node", domain=domain, **given)
    graph = helper.make_graph(
        [node],
        "case",
        [helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for k, v in feeds.items()],
        [helper.make_empty_tensor_value_info(o) for o in out],
        [numpy_helper.from_array(v, k) for k, v in constants.items()],
    )
    opsets = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        model = onnx.shape_inference.infer_shapes(model)
        results = expected
        if results is None:
            session = onnxruntime.InferenceSession(
                model.SerializeToString(), options, providers=["CPUExecutionProvider"])
            results = session.run(out, feeds)
    except Exception as error:  # noqa: BLE001
        print(f"left out {name}: {str(error).splitlines()[0][:160]}", file=sys.stderr)
        return
    cases.append(
        {
            "name": name,
            "operator": op,
            "domain": domain,
            "opset": opset,
            "tolerance": tolerance,
            "inputs": names,
            "outputs": out,
            "attributes": {k: attribute(v) for k, v in attributes.items()},
            "fed": {k: encoded(v) for k, v in feeds.items()},
            "constants": {k: encoded(v) for k, v in constants.items()},
            "expected": [encoded(np.asarray(r)) for r in results],
        }
    )


# Elementwise -----------------------------------------------------------------------------------------------------
for op in ["Add", "Sub", "Mul", "Div"]:
    case(f"{op} same", op, 14, [f32(3, 5), f32(3, 5)])
    case(f"{op} rows", op, 14, [f32(2, 3, 7), f32(7)])
    case(f"{op} channels", op, 7, [f32(2, 3, 4, 5), f32(3, 1, 1)])
    case(f"{op} both ways", op, 14, [f32(3, 1, 5), f32(4, 1)])
    case(f"{op} scalar first", op, 14, [f32(), f32(9)])
    case(f"{op} int64", op, 14, [ints(4, 3), ints(3, low=1)])
    case(f"{op} float64", op, 14, [f32(4, 3).astype(np.float64), f32(4, 1).astype(np.float64)])
    case(f"{op} float16", op, 14, [f32(4, 3).astype(np.float16), f32(3).astype(np.float16)], tolerance=2e-3)
    case(f"{op} int32", op, 14, [ints(4, 3, dtype=np.int32), ints(3, low=1, dtype=np.int32)])
case("Pow", "Pow", 15, [f32(3, 4, low=0.1), f32(4)], tolerance=1e-5)
case("Pow square", "Pow", 13, [f32(3, 4), Const(np.float32(2))])
case("Pow mixed", "Pow", 15, [f32(3, 4), ints(4, low=0, high=4)])
case("Pow int", "Pow", 15, [ints(3, 4), ints(4, low=0, high=4)])
case("Mod int", "Mod", 13, [ints(6, 3), ints(3, low=1)])
case("Mod int negative", "Mod", 13, [ints(6, 3), ints(3, low=-5, high=-1)])
case("Mod fmod", "Mod", 13, [f32(6, 3), f32(3, low=0.5)], fmod=1)
case("Mod fmod int", "Mod", 13, [ints(6, 3), ints(3, low=-5, high=-1)], fmod=1)
case("PRelu", "PRelu", 16, [f32(2, 3, 4), f32(3, 1)])
for op in ["Max", "Min", "Sum", "Mean"]:
    case(f"{op} one", op, 13, [f32(3, 4)])
    case(f"{op} three", op, 13, [f32(3, 4), f32(4), f32(2, 1, 1)])
case("Max int64", "Max", 13, [ints(3, 4), ints(4)])
case("Min NaN", "Min", 13, [np.array([1, np.nan, 3], np.float32), np.array([np.nan, 2, 1], np.float32)])
for op, version in [("Equal", 13), ("Greater", 13), ("Less", 13), ("GreaterOrEqual", 16), ("LessOrEqual", 16)]:
    case(f"{op} int", op, version, [ints(4, 5, low=0, high=3), ints(5, low=0, high=3)])
    case(f"{op} float", op, version, [f32(4, 1), f32(5)])
case("Equal bool", "Equal", 13, [ints(7, low=0, high=1).astype(bool), ints(7, low=0, high=1).astype(bool)])
for op in ["And", "Or", "Xor"]:
    case(op, op, 7, [ints(4, 3, low=0, high=1).astype(bool), ints(3, low=0, high=1).astype(bool)])
case("Not", "Not", 7, [ints(9, low=0, high=1).astype(bool)])
case("Where", "Where", 16, [ints(3, 1, low=0, high=1).astype(bool), f32(3, 4), f32(4)])
case("Where int64", "Where", 9, [ints(2, 3, 4, low=0, high=1).astype(bool), ints(3, 4), ints(1)])
case("Clip 6", "Clip", 7, [f32(3, 7)], min=-1.0, max=0.5)
case("Clip 11", "Clip", 11, [f32(3, 7), np.float32(-1).reshape(()), None])
case("Clip 13 constants", "Clip", 13, [f32(3, 7), Const(np.float32(-1)), Const(np.float32(2))])
case("Clip crossed", "Clip", 13, [f32(3, 7), Const(np.float32(1)), Const(np.float32(-1))])
case("Clip int", "Clip", 13, [ints(20), Const(np.int64(-2)), Const(np.int64(5))])
special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-40, -2.5, 3.5, 0.5, 1.5], np.float32)
case("IsNaN", "IsNaN", 13, [special])
case("IsInf", "IsInf", 10, [special])
case("IsInf negative", "IsInf", 10, [special], detect_positive=0)
numeric = {"f32": np.float32, "f64": np.float64, "f16": np.float16, "i8": np.int8, "u8": np.uint8, "i32": np.int32,
           "i64": np.int64, "bool": np.bool_}
for a, source in numeric.items():
    for b, target in numeric.items():
        values = (rng.uniform(0, 100, 12)).astype(source)
        case(f"Cast {a} to {b}", "Cast", 13, [values], to=int(helper.np_dtype_to_tensor_dtype(np.dtype(target))))
case("Cast i64 to i8 wraps", "Cast", 13, [np.array([300, -300, 127, 128], np.int64)], to=int(TensorProto.INT8))
case("CastLike", "CastLike", 15, [f32(5), ints(2)])

# Functions of one element ----------------------------------------------------------------------------------------
for op in ["Abs", "Neg", "Sign", "Floor", "Ceil", "Round", "Reciprocal", "Sin", "Cos", "Tan", "Exp", "Erf", "Relu",
           "Sigmoid", "Tanh", "Softplus", "Softsign", "Selu", "Elu", "LeakyRelu", "HardSigmoid", "Sinh", "Cosh", "Atan"]:
    case(op, op, 14 if op != "Round" else 11, [f32(4, 33, low=-8, high=8)], tolerance=1e-5)
for op in ["Log", "Sqrt"]:
    case(op, op, 13, [f32(4, 9, low=0.01, high=50)])
case("HardSwish", "HardSwish", 14, [f32(4, 33, low=-8, high=8)])
case("Mish", "Mish", 18, [f32(4, 33, low=-8, high=8)])
case("Gelu erf", "Gelu", 20, [f32(4, 33, low=-8, high=8)])
case("Gelu tanh", "Gelu", 20, [f32(4, 33, low=-8, high=8)], approximate="tanh")
case("Gelu microsoft", "Gelu", 17, [f32(4, 33, low=-8, high=8)], domain="com.microsoft")
case("QuickGelu", "QuickGelu", 17, [f32(4, 33, low=-8, high=8)], domain="com.microsoft")
case("Elu alpha", "Elu", 7, [f32(40)], alpha=0.3)
case("Celu", "Celu", 12, [f32(40)], alpha=0.7)
case("LeakyRelu alpha", "LeakyRelu", 16, [f32(40)], alpha=0.3)
case("ThresholdedRelu", "ThresholdedRelu", 10, [f32(40)], alpha=0.7)
case("HardSigmoid parameters", "HardSigmoid", 7, [f32(40)], alpha=0.4, beta=0.6)
case("Round halves", "Round", 11, [np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49], np.float32)])
case("Abs int64", "Abs", 13, [ints(12)])
case("Neg int32", "Neg", 13, [ints(12, dtype=np.int32)])
case("Sign int64", "Sign", 13, [ints(12)])
case("Relu int32", "Relu", 14, [ints(12, dtype=np.int32)])
case("Exp special", "Exp", 13, [np.array([np.inf, -np.inf, np.nan, -100, 88.7, 89, -87.5, -90], np.float32)])
case("Relu float16", "Relu", 14, [f32(33).astype(np.float16)])
case("Exp float64", "Exp", 13, [f32(9).astype(np.float64)])

# Reductions ------------------------------------------------------------------------------------------------------
for op in ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
           "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp"]:
    x = f32(3, 4, 5, low=0.2, high=2)
    case(f"{op} all", op, 11, [x])
    case(f"{op} last", op, 11, [x], axes=[-1], keepdims=0)
    case(f"{op} first", op, 11, [x], axes=[0])
    case(f"{op} outer and inner", op, 11, [x], axes=[0, 2], keepdims=0)
    case(f"{op} 18", op, 18, [x, i64(1)], keepdims=1)
    case(f"{op} 18 noop", op, 18, [x, Const(np.array([], np.int64))], noop_with_empty_axes=1)
for op in ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd"]:
    case(f"{op} int64", op, 13 if op == "ReduceSum" else 11,
         [ints(3, 4, low=1, high=4)] + ([i64(1)] if op == "ReduceSum" else []), **({} if op == "ReduceSum" else {"axes": [1]}))
for op in ["ArgMax", "ArgMin"]:
    case(f"{op} last", op, 13, [f32(4, 7)], axis=-1, keepdims=0)
    case(f"{op} first", op, 13, [f32(4, 7)], axis=0)
    case(f"{op} ties", op, 13, [ints(5, 6, low=0, high=2).astype(np.float32)], axis=1)
    case(f"{op} ties last", op, 13, [ints(5, 6, low=0, high=2).astype(np.float32)], axis=1, select_last_index=1)
    case(f"{op} int32", op, 13, [ints(5, 6, dtype=np.int32)], axis=1)
case("CumSum", "CumSum", 14, [f32(3, 5), np.int64(1).reshape(())])
case("CumSum reverse exclusive", "CumSum", 14, [ints(3, 5), Const(np.int32(-2))], reverse=1, exclusive=1)
case("TopK", "TopK", 11, [f32(3, 9), i64(4)], outputs=2)
case("TopK smallest", "TopK", 11, [f32(3, 9, 2), i64(3)], outputs=2, axis=1, largest=0)

# Normalizations --------------------------------------------------------------------------------------------------
for op in ["Softmax", "LogSoftmax"]:
    case(f"{op} 11", op, 11, [f32(2, 3, 5)])
    case(f"{op} 11 axis 2", op, 11, [f32(2, 3, 5)], axis=2)
    case(f"{op} 13", op, 13, [f32(2, 3, 5)])
    case(f"{op} 13 axis 1", op, 13, [f32(2, 3, 5)], axis=1)
    case(f"{op} 13 axis 0", op, 13, [f32(7, 19)], axis=0)
case("Softmax large", "Softmax", 13, [f32(3, 40, low=-300, high=300)])
case("BatchNormalization", "BatchNormalization", 15, [f32(2, 3, 4, 5), f32(3), f32(3), f32(3), f32(3, low=0.1)], epsilon=1e-3)
case("BatchNormalization 9", "BatchNormalization", 9, [f32(2, 3, 7), f32(3), f32(3), f32(3), f32(3, low=0.1)])
case("BatchNormalization matrix", "BatchNormalization", 9, [f32(4, 6), f32(6), f32(6), f32(6), f32(6, low=0.1)])
case("InstanceNormalization", "InstanceNormalization", 7, [f32(2, 3, 4, 5), f32(3), f32(3)])
case("GroupNormalization 21", "GroupNormalization", 21, [f32(2, 6, 4, 5), f32(6), f32(6)], num_groups=3)
case("LayerNormalization", "LayerNormalization", 17, [f32(2, 3, 19), f32(19), f32(19)], epsilon=1e-4)
case("LayerNormalization axis 1", "LayerNormalization", 17, [f32(2, 3, 5), f32(3, 5), f32(3, 5)], axis=1)
case("LayerNormalization outputs", "LayerNormalization", 17, [f32(2, 3, 5), f32(5)], outputs=3)
case("SimplifiedLayerNormalization", "SimplifiedLayerNormalization", 13, [f32(2, 3, 19), f32(19)], axis=-1, epsilon=1e-4)
case("LRN", "LRN", 13, [f32(2, 7, 3, 3)], size=5, alpha=0.1, beta=0.7, bias=1.1)
case("LRN 3", "LRN", 13, [f32(2, 7, 3, 3)], size=3)

# Matrices --------------------------------------------------------------------------------------------------------
case("MatMul", "MatMul", 13, [f32(5, 7), f32(7, 9)])
case("MatMul wide", "MatMul", 13, [f32(3, 33), f32(33, 70)])
case("MatMul batched", "MatMul", 13, [f32(2, 3, 4, 5), f32(2, 3, 5, 6)])
case("MatMul broadcast", "MatMul", 13, [f32(2, 1, 4, 5), f32(3, 5, 6)])
case("MatMul shared", "MatMul", 13, [f32(2, 3, 4, 5), f32(5, 6)])
case("MatMul vector left", "MatMul", 13, [f32(5), f32(2, 5, 6)])
case("MatMul vector right", "MatMul", 13, [f32(2, 4, 5), f32(5)])
case("MatMul vectors", "MatMul", 13, [f32(5), f32(5)])
case("MatMul float64", "MatMul", 13, [f32(3, 4).astype(np.float64), f32(4, 5).astype(np.float64)])
case("MatMul int32", "MatMul", 13, [ints(3, 4, dtype=np.int32), ints(4, 5, dtype=np.int32)])
for ta in (0, 1):
    for tb in (0, 1):
        a, b = f32(*((6, 5) if ta else (5, 6))), f32(*((7, 6) if tb else (6, 7)))
        case(f"Gemm {ta}{tb}", "Gemm", 13, [a, b, f32(7)], transA=ta, transB=tb, alpha=0.5, beta=2.0)
        case(f"Gemm {ta}{tb} constant", "Gemm", 11, [a, Const(b)], transA=ta, transB=tb)
case("Gemm C column", "Gemm", 7, [f32(5, 6), f32(6, 7), f32(5, 1)])
case("Gemm C scalar", "Gemm", 11, [f32(5, 6), f32(6, 7), f32()])
case("Einsum product", "Einsum", 12, [f32(3, 4), f32(4, 5)], equation="ij,jk->ik")
case("Einsum attention", "Einsum", 12, [f32(2, 3, 4, 5), f32(2, 3, 6, 5)], equation="bhqd,bhkd->bhqk")
case("Einsum implicit", "Einsum", 12, [f32(3, 4), f32(4, 5)], equation="ij,jk")
case("Einsum diagonal", "Einsum", 12, [f32(4, 4)], equation="ii->i")
case("Einsum three", "Einsum", 12, [f32(2, 3), f32(3, 4), f32(4, 5)], equation="ab,bc,cd->ad")

# Convolutions and pools ------------------------------------------------------------------------------------------
case("Conv", "Conv", 11, [f32(2, 3, 8, 9), f32(5, 3, 3, 3), f32(5)], pads=[1, 1, 1, 1])
case("Conv no bias", "Conv", 11, [f32(1, 3, 8, 9), Const(f32(5, 3, 3, 3))])
case("Conv 1x1", "Conv", 11, [f32(2, 6, 4, 5), f32(7, 6, 1, 1), f32(7)])
case("Conv strided", "Conv", 11, [f32(2, 3, 11, 10), f32(4, 3, 3, 2), f32(4)], strides=[2, 3], pads=[0, 1, 2, 0])
case("Conv dilated", "Conv", 11, [f32(1, 2, 12, 13), f32(4, 2, 3, 3)], dilations=[2, 3], pads=[2, 3, 2, 3])
case("Conv grouped", "Conv", 11, [f32(2, 6, 7, 7), f32(8, 3, 3, 3), f32(8)], group=2, pads=[1, 1, 1, 1])
case("Conv depthwise", "Conv", 11, [f32(2, 6, 7, 7), f32(6, 1, 3, 3), f32(6)], group=6, pads=[1, 1, 1, 1], strides=[2, 2])
case("Conv same upper", "Conv", 11, [f32(1, 2, 7, 8), f32(3, 2, 3, 4)], auto_pad="SAME_UPPER", strides=[2, 2])
case("Conv same lower", "Conv", 11, [f32(1, 2, 7, 8), f32(3, 2, 3, 4)], auto_pad="SAME_LOWER", strides=[2, 2])
case("Conv valid", "Conv", 11, [f32(1, 2, 7, 8), f32(3, 2, 3, 4)], auto_pad="VALID")
case("Conv 1D", "Conv", 11, [f32(2, 3, 17), f32(4, 3, 5), f32(4)], pads=[2, 1], strides=[2])
case("Conv 3D", "Conv", 11, [f32(1, 2, 5, 6, 7), f32(3, 2, 3, 2, 3), f32(3)], pads=[1, 0, 1, 1, 1, 1], strides=[1, 2, 1])
case("Conv float16", "Conv", 11, [f32(1, 2, 5, 5).astype(np.float16), f32(3, 2, 3, 3).astype(np.float16)], tolerance=1e-2)
case("ConvTranspose", "ConvTranspose", 11, [f32(2, 3, 4, 5), f32(3, 4, 3, 3), f32(4)], strides=[2, 2])
case("ConvTranspose padded", "ConvTranspose", 11, [f32(1, 3, 4, 5), f32(3, 2, 3, 3)], strides=[2, 3], pads=[1, 0, 1, 2], output_padding=[1, 1])
case("ConvTranspose grouped", "ConvTranspose", 11, [f32(2, 4, 4, 5), f32(4, 3, 3, 2), f32(6)], group=2, dilations=[2, 1])
case("ConvTranspose shape", "ConvTranspose", 11, [f32(1, 2, 4, 5), f32(2, 3, 3, 3)], strides=[2, 2], output_shape=[8, 10])
case("ConvTranspose same", "ConvTranspose", 11, [f32(1, 2, 4, 5), f32(2, 3, 3, 3)], strides=[2, 2], auto_pad="SAME_UPPER")
case("ConvTranspose 1D", "ConvTranspose", 11, [f32(1, 2, 6), f32(2, 3, 4)], strides=[2])
for op in ["MaxPool", "AveragePool"]:
    case(f"{op}", op, 11, [f32(2, 3, 8, 9)], kernel_shape=[2, 2], strides=[2, 2])
    case(f"{op} padded", op, 11, [f32(2, 3, 8, 9)], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    case(f"{op} ceil", op, 11, [f32(1, 3, 8, 9)], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    case(f"{op} ceil padded", op, 11, [f32(1, 2, 7, 6)], kernel_shape=[3, 2], strides=[3, 2], pads=[1, 0, 1, 1], ceil_mode=1)
    case(f"{op} same", op, 11, [f32(1, 3, 8, 9)], kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_UPPER")
    case(f"{op} same lower", op, 11, [f32(1, 3, 8, 9)], kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_LOWER")
    case(f"{op} 1D", op, 11, [f32(2, 3, 17)], kernel_shape=[4], strides=[3])
    case(f"{op} 3D", op, 11, [f32(1, 2, 5, 6, 7)], kernel_shape=[2, 3, 2], strides=[2, 1, 2])
case("MaxPool dilated", "MaxPool", 12, [f32(1, 2, 9, 9)], kernel_shape=[3, 3], dilations=[2, 3], pads=[1, 1, 1, 1])
case("MaxPool uint8", "MaxPool", 12, [ints(1, 2, 6, 6, low=0, high=255, dtype=np.uint8)], kernel_shape=[2, 2])
case("AveragePool include", "AveragePool", 11, [f32(2, 3, 8, 9)], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2], count_include_pad=1)
case("AveragePool dilated", "AveragePool", 19, [f32(1, 2, 9, 9)], kernel_shape=[3, 3], dilations=[2, 2], pads=[1, 1, 1, 1])
case("AveragePool ceil include", "AveragePool", 19, [f32(1, 2, 7, 7)], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 0, 0], ceil_mode=1, count_include_pad=1)
case("GlobalAveragePool", "GlobalAveragePool", 7, [f32(2, 3, 5, 7)])
case("GlobalMaxPool", "GlobalMaxPool", 7, [f32(2, 3, 5, 7)])

# Shapes ----------------------------------------------------------------------------------------------------------
case("Identity", "Identity", 14, [ints(3, 4)])
case("Dropout 7", "Dropout", 7, [f32(3, 4)])
case("Dropout 13 mask", "Dropout", 13, [f32(3, 4)], outputs=2)
case("Reshape", "Reshape", 14, [f32(2, 3, 4), i64(0, -1)])
case("Reshape split", "Reshape", 13, [ints(2, 3, 4), i64(4, 2, -1)])
case("Flatten", "Flatten", 13, [f32(2, 3, 4)])
case("Flatten 0", "Flatten", 13, [f32(2, 3, 4)], axis=0)
case("Flatten -1", "Flatten", 13, [f32(2, 3, 4)], axis=-1)
case("Squeeze 11", "Squeeze", 11, [f32(1, 3, 1)], axes=[0])
case("Squeeze 13", "Squeeze", 13, [f32(1, 3, 1), i64(-1)])
case("Squeeze all", "Squeeze", 13, [f32(1, 3, 1)])
case("Unsqueeze 11", "Unsqueeze", 11, [f32(3, 4)], axes=[0, 3])
case("Unsqueeze 13", "Unsqueeze", 13, [f32(3, 4), i64(1, -1)])
case("Transpose", "Transpose", 13, [f32(2, 3, 4)])
case("Transpose heads", "Transpose", 13, [f32(2, 3, 4, 5)], perm=[0, 2, 1, 3])
case("Transpose matrix", "Transpose", 13, [f32(37, 41)])
case("Transpose nhwc", "Transpose", 13, [f32(2, 19, 5, 6)], perm=[0, 2, 3, 1])
case("Transpose nchw", "Transpose", 13, [f32(2, 5, 6, 19)], perm=[0, 3, 1, 2])
case("Transpose uint8", "Transpose", 13, [ints(2, 40, 50, low=0, high=255, dtype=np.uint8)], perm=[0, 2, 1])
case("Transpose int64", "Transpose", 13, [ints(4, 5, 6)], perm=[2, 0, 1])
case("Concat 0", "Concat", 13, [f32(2, 3), f32(1, 3), f32(4, 3)], axis=0)
case("Concat -1", "Concat", 13, [f32(2, 3, 2), f32(2, 3, 5)], axis=-1)
case("Split equal", "Split", 11, [f32(6, 4)], outputs=3)
case("Split 11", "Split", 11, [f32(6, 4)], outputs=2, split=[1, 3], axis=1)
case("Split 13", "Split", 13, [f32(6, 4), i64(2, 4)], outputs=2)
case("Split 18", "Split", 18, [f32(7, 4)], outputs=3, num_outputs=3)
case("Slice 1", "Slice", 9, [f32(5, 6)], starts=[1, -3], ends=[4, 100])
case("Slice 13", "Slice", 13, [f32(5, 6), i64(1), i64(-1), i64(1)])
case("Slice steps", "Slice", 13, [f32(9, 6), i64(7, 0), i64(0, 6), i64(0, 1), i64(-3, 2)])
case("Slice reverse", "Slice", 13, [ints(9), i64(-1), i64(-2**63), i64(0), i64(-1)])
case("Slice empty", "Slice", 13, [f32(5, 6), i64(4), i64(2), i64(0)])
case("Expand", "Expand", 13, [f32(3, 1), i64(2, 1, 4)])
case("Tile", "Tile", 13, [f32(2, 3), i64(3, 2)])
case("Pad 2", "Pad", 10, [f32(2, 3)], pads=[0, 1, 2, 1], value=1.5)
case("Pad 13", "Pad", 13, [f32(2, 3), i64(0, 1, 2, 1), Const(np.float32(-7))])
case("Pad crop", "Pad", 13, [f32(4, 5), i64(-1, 0, 1, -2)])
case("Pad int64", "Pad", 13, [ints(4, 5), i64(1, 0, 1, 2), np.int64(3).reshape(())])
case("Pad reflect", "Pad", 13, [f32(4, 5), i64(3, 1, 2, 4)], mode="reflect")
case("Pad edge", "Pad", 13, [f32(1, 4, 5), i64(0, 3, 1, 0, 2, 4)], mode="edge")
case("Pad wrap", "Pad", 19, [f32(4, 5), i64(3, 1, 2, 4)], mode="wrap")
case("Pad axes", "Pad", 18, [f32(4, 5), i64(1, 2), None, i64(1)])
case("Upsample 9", "Upsample", 9, [f32(1, 2, 3, 4), Const(np.array([1, 1, 2, 3], np.float32))])
case("Upsample 7", "Upsample", 7, [f32(1, 2, 3, 4)], scales=[1.0, 1.0, 2.0, 2.0])
case("Upsample 9 linear", "Upsample", 9, [f32(1, 2, 3, 4), Const(np.array([1, 1, 2, 3], np.float32))], mode="linear")
case("Resize 10", "Resize", 10, [f32(1, 2, 4, 6), Const(np.array([1, 1, 1.5, 0.5], np.float32))])
empty = Const(np.array([], np.float32))
for mode in ["nearest", "linear"]:
    for coordinates in ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]:
        case(f"Resize {mode} {coordinates} up", "Resize", 13,
             [f32(1, 2, 3, 5), empty, empty, i64(1, 2, 7, 9)], mode=mode, coordinate_transformation_mode=coordinates)
        case(f"Resize {mode} {coordinates} scales", "Resize", 13,
             [f32(1, 2, 8, 6), empty, Const(np.array([1, 1, 0.6, 0.7], np.float32))],
             mode=mode, coordinate_transformation_mode=coordinates)
for rounding in ["round_prefer_ceil", "floor", "ceil"]:
    case(f"Resize nearest {rounding}", "Resize", 11, [f32(1, 1, 4, 6), empty, Const(np.array([1, 1, 2, 1.5], np.float32))], nearest_mode=rounding)
case("Resize 18 axes", "Resize", 18, [f32(1, 1, 4, 6), None, None, i64(6, 9)], axes=[2, 3], mode="linear")
case("Resize 18 not larger", "Resize", 18, [f32(1, 1, 4, 6), None, None, i64(9, 9)], axes=[2, 3], keep_aspect_ratio_policy="not_larger")
case("Shape", "Shape", 13, [f32(2, 3, 4)])
case("Shape 15", "Shape", 15, [f32(2, 3, 4)], start=-2, end=-1)
case("Size", "Size", 13, [f32(2, 3, 4)])
case("Constant", "Constant", 13, [], value=f32(2, 3))
case("Constant ints", "Constant", 13, [], value_ints=[1, 2, 3])
case("ConstantOfShape", "ConstantOfShape", 9, [i64(2, 3)])
case("ConstantOfShape int", "ConstantOfShape", 9, [i64(2, 3)], value=np.array([7], np.int64))
case("Range", "Range", 11, [Const(np.int64(2)), Const(np.int64(11)), Const(np.int64(3))])
case("Range down", "Range", 11, [Const(np.float32(2)), Const(np.float32(-1)), Const(np.float32(-0.5))])
case("Trilu", "Trilu", 14, [f32(2, 4, 5)])
case("Trilu lower", "Trilu", 14, [ints(4, 5), Const(np.int64(-1))], upper=0)
case("Trilu shifted", "Trilu", 14, [f32(4, 5), Const(np.int64(2))])
case("DepthToSpace", "DepthToSpace", 13, [f32(2, 8, 3, 4)], blocksize=2)
case("DepthToSpace CRD", "DepthToSpace", 13, [f32(2, 8, 3, 4)], blocksize=2, mode="CRD")
case("SpaceToDepth", "SpaceToDepth", 13, [f32(2, 3, 4, 6)], blocksize=2)

# Indexing --------------------------------------------------------------------------------------------------------
case("Gather", "Gather", 13, [f32(5, 4), ints(2, 3, low=-5, high=4)])
case("Gather axis 1", "Gather", 13, [f32(2, 5, 3), ints(4, low=0, high=4, dtype=np.int32)], axis=1)
case("Gather scalar", "Gather", 13, [ints(5), np.int64(2).reshape(())])
case("GatherElements", "GatherElements", 13, [f32(4, 5), ints(4, 3, low=-5, high=4)], axis=1)
case("GatherND", "GatherND", 13, [f32(3, 4, 5), np.stack([ints(2, 6, low=0, high=2), ints(2, 6, low=0, high=3)], -1)])
case("GatherND batch", "GatherND", 13, [f32(3, 4, 5), ints(3, 2, 1, low=0, high=3)], batch_dims=1)
case("ScatterElements", "ScatterElements", 13, [f32(4, 5), np.array([[0, 4, 1], [2, 3, -5]]), f32(2, 3)], axis=1)
case("ScatterElements add", "ScatterElements", 16, [f32(4, 5), np.array([[0, 0, 1], [2, 3, 3]]), f32(2, 3)], axis=1, reduction="add")
case("ScatterND", "ScatterND", 13, [f32(4, 5), np.array([[1], [3]]), f32(2, 5)])
case("ScatterND add", "ScatterND", 16, [f32(4, 5), np.array([[1, 2], [1, 2], [0, 0]]), f32(3)], reduction="add")
case("OneHot", "OneHot", 11, [ints(3, 4, low=-6, high=6), Const(np.int64(5)), np.array([-1, 2], np.float32)])
case("OneHot axis 0", "OneHot", 11, [ints(3, 4, low=0, high=4), Const(np.int64(5)), np.array([0, 1], np.int64)], axis=0)

# Quantization ----------------------------------------------------------------------------------------------------
case("QuantizeLinear u8", "QuantizeLinear", 13, [f32(3, 40), np.float32(0.02).reshape(()), np.uint8(128).reshape(())])
case("QuantizeLinear s8", "QuantizeLinear", 13, [f32(3, 40), np.float32(0.03).reshape(()), np.int8(-3).reshape(())])
case("QuantizeLinear halves", "QuantizeLinear", 13, [np.arange(-40, 40, dtype=np.float32) / 2, np.float32(1).reshape(()), np.uint8(10).reshape(())])
case("QuantizeLinear axis", "QuantizeLinear", 13, [f32(2, 3, 7), f32(3, low=0.01, high=0.1), np.array([1, 100, 255], np.uint8)])
case("QuantizeLinear axis 0", "QuantizeLinear", 13, [f32(4, 7), f32(4, low=0.01, high=0.1), np.zeros(4, np.int8)], axis=0)
case("QuantizeLinear default", "QuantizeLinear", 13, [f32(3, 4), np.float32(0.02).reshape(())])
case("DequantizeLinear u8", "DequantizeLinear", 13, [ints(3, 40, low=0, high=255, dtype=np.uint8), np.float32(0.02).reshape(()), np.uint8(128).reshape(())])
case("DequantizeLinear s8 axis", "DequantizeLinear", 13, [ints(3, 40, low=-128, high=127, dtype=np.int8), f32(3, low=0.01, high=0.1), np.array([1, -7, 0], np.int8)], axis=0)
case("DequantizeLinear s32", "DequantizeLinear", 13, [ints(12, low=-10**6, high=10**6, dtype=np.int32), np.float32(0.001).reshape(())])

# ONNX Runtime's own -----------------------------------------------------------------------------------------------
MS = "com.microsoft"


def codes(*shape, dtype=np.uint8):
    """Signed ones have seven bits: ONNX Runtime saturates sums of two products on machines without VNNI."""
    low, high = (0, 255) if dtype == np.uint8 else (-64, 63)
    return ints(*shape, low=low, high=high, dtype=dtype)


def one(value, dtype=np.float32):
    return np.array(value, dtype=dtype)


case("BiasGelu", "BiasGelu", 17, [f32(4, 33), f32(33)], domain=MS)
case("FastGelu", "FastGelu", 17, [f32(4, 33)], domain=MS)
case("FastGelu bias", "FastGelu", 17, [f32(4, 33), f32(33)], domain=MS)
case("FusedMatMul", "FusedMatMul", 17, [f32(2, 5, 3), f32(2, 7, 5)], domain=MS, transA=1, transB=1, alpha=0.5)
case("FusedMatMul batch", "FusedMatMul", 17, [f32(5, 2, 3), f32(2, 3, 7)], domain=MS, transBatchA=1, tolerance=1e-4)
case("FusedConv", "FusedConv", 17, [f32(1, 3, 8, 8), f32(4, 3, 3, 3), f32(4)], domain=MS, activation="Relu", pads=[1, 1, 1, 1])
case("FusedConv leaky", "FusedConv", 17, [f32(1, 3, 8, 8), f32(4, 3, 3, 3), f32(4)], domain=MS, activation="LeakyRelu", activation_params=[0.2])
case("FusedConv added", "FusedConv", 17, [f32(1, 3, 8, 8), f32(4, 3, 3, 3), f32(4), f32(1, 4, 6, 6)], domain=MS, activation="Relu")
case("FusedGemm", "FusedGemm", 17, [f32(3, 5), f32(7, 5), f32(7)], domain=MS, transB=1, activation="Relu")
case("FusedGemm leaky", "FusedGemm", 17, [f32(3, 5), f32(5, 7), f32(7)], domain=MS, activation="LeakyRelu", activation_alpha=0.3)
case("SkipLayerNormalization", "SkipLayerNormalization", 17, [f32(2, 3, 16), f32(2, 3, 16), f32(16), f32(16), f32(16)], domain=MS)
case("SkipLayerNormalization short", "SkipLayerNormalization", 17, [f32(2, 3, 16), f32(2, 3, 16), f32(16)], domain=MS)
case("SkipSimplifiedLayerNormalization", "SkipSimplifiedLayerNormalization", 17, [f32(2, 3, 16), f32(2, 3, 16), f32(16)], domain=MS, epsilon=1e-5)
case(
    "EmbedLayerNormalization", "EmbedLayerNormalization", 17,
    [ints(2, 4, low=0, high=9, dtype=np.int32), ints(2, 4, low=0, high=1, dtype=np.int32), f32(10, 16), f32(8, 16), f32(2, 16),
     f32(16), f32(16), np.array([[1, 1, 1, 0], [1, 1, 0, 0]], np.int32)], outputs=2, domain=MS)
case("MatMulIntegerToFloat", "MatMulIntegerToFloat", 17, [codes(3, 8), codes(8, 5, dtype=np.int8), one(0.02), f32(5, low=0.01, high=0.1), one(120, np.uint8), np.zeros(5, np.int8), f32(5)], domain=MS, tolerance=1e-4)
case("DynamicQuantizeMatMul", "DynamicQuantizeMatMul", 17, [f32(3, 8), codes(8, 5, dtype=np.int8), one(0.02), one(3, np.int8), f32(5)], domain=MS, tolerance=1e-4)
for name in ("QLinearAdd", "QLinearMul"):
    case(name, name, 17, [codes(2, 3, 5), one(0.02), one(120, np.uint8), codes(3, 5), one(0.05), one(100, np.uint8), one(0.1), one(128, np.uint8)], domain=MS)
case("QLinearSigmoid", "QLinearSigmoid", 17, [codes(3, 40), Const(one(0.05)), Const(one(128, np.uint8)), Const(one(1 / 256)), Const(one(0, np.uint8))], domain=MS)
case("QLinearLeakyRelu", "QLinearLeakyRelu", 17, [codes(3, 40), Const(one(0.05)), Const(one(128, np.uint8)), Const(one(0.04)), Const(one(60, np.uint8))], domain=MS, alpha=0.1)
case("QLinearSoftmax", "QLinearSoftmax", 17, [codes(3, 10), Const(one(0.05)), Const(one(128, np.uint8)), Const(one(1 / 256)), Const(one(0, np.uint8))], domain=MS, opset_=13, axis=-1)
case("QLinearGlobalAveragePool", "QLinearGlobalAveragePool", 17, [codes(2, 3, 5, 5), one(0.05), one(128, np.uint8), one(0.03), one(120, np.uint8)], domain=MS)
case("QLinearAveragePool", "QLinearAveragePool", 17, [codes(2, 3, 6, 6), one(0.05), one(128, np.uint8), one(0.047), one(120, np.uint8)], domain=MS, kernel_shape=[2, 2], strides=[2, 2])
case("QLinearConcat", "QLinearConcat", 17, [Const(one(0.05)), Const(one(128, np.uint8)), codes(2, 3), Const(one(0.02)), Const(one(100, np.uint8)), codes(2, 4), Const(one(0.07)), Const(one(140, np.uint8))], domain=MS, axis=1)
case("QGemm", "QGemm", 17, [codes(3, 8), one(0.02), one(120, np.uint8), Const(codes(8, 5, dtype=np.int8)), Const(one(0.03)), Const(one(0, np.int8)), Const(ints(5, dtype=np.int32)), one(0.2), one(128, np.uint8)], domain=MS)
case("QGemm float", "QGemm", 17, [codes(3, 8), one(0.02), one(120, np.uint8), Const(codes(5, 8, dtype=np.int8)), Const(f32(5, low=0.01, high=0.05)), Const(np.zeros(5, np.int8))], domain=MS, transB=1, tolerance=1e-4)
case("MatMulNBits", "MatMulNBits", 17, [f32(3, 40), Const(codes(6, 2, 16)), Const(f32(12, low=0.01, high=0.1))], domain=MS, K=40, N=6, bits=4, block_size=32, tolerance=1e-3)
case("MatMulNBits zero points", "MatMulNBits", 17, [f32(3, 40), Const(codes(6, 2, 16)), Const(f32(12, low=0.01, high=0.1)), Const(codes(6))], domain=MS, K=40, N=6, bits=4, block_size=32, tolerance=1e-3)
case("MatMulNBits 8 bits", "MatMulNBits", 17, [f32(3, 40), Const(codes(6, 2, 32)), Const(f32(12, low=0.001, high=0.01))], domain=MS, K=40, N=6, bits=8, block_size=32, tolerance=1e-3)
case("Attention", "Attention", 17, [f32(2, 4, 8), f32(8, 24), f32(24)], domain=MS, num_heads=2, tolerance=1e-4)
case("Attention causal", "Attention", 17, [f32(2, 4, 8), f32(8, 24), f32(24)], domain=MS, num_heads=2, unidirectional=1, tolerance=1e-4)
case("Attention mask", "Attention", 17, [f32(2, 4, 8), f32(8, 24), f32(24), np.array([[1, 1, 1, 0], [1, 1, 0, 0]], np.int32)], domain=MS, num_heads=2, tolerance=1e-4)
case("Attention lengths", "Attention", 17, [f32(2, 4, 8), f32(8, 24), f32(24), np.array([3, 2], np.int32)], domain=MS, num_heads=2, tolerance=1e-4)
case("Attention past", "Attention", 17, [f32(2, 4, 8), f32(8, 24), f32(24), None, f32(2, 2, 2, 3, 4)], outputs=2, domain=MS, num_heads=2, unidirectional=1, tolerance=1e-4)
case("MultiHeadAttention", "MultiHeadAttention", 17, [f32(2, 4, 8), f32(2, 6, 8), f32(2, 6, 8)], domain=MS, num_heads=2, tolerance=1e-4)
case("MultiHeadAttention bias", "MultiHeadAttention", 17, [f32(2, 4, 8), f32(2, 6, 8), f32(2, 6, 8), f32(24)], domain=MS, num_heads=2, tolerance=1e-4)
case("MultiHeadAttention mask", "MultiHeadAttention", 17, [f32(2, 4, 8), f32(2, 6, 8), f32(2, 6, 8), None, np.array([[1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 1, 0]], np.int32)], domain=MS, num_heads=2, tolerance=1e-4)
case("MultiHeadAttention scores", "MultiHeadAttention", 17, [f32(2, 4, 8), f32(2, 6, 8), f32(2, 6, 8), None, None, f32(2, 2, 4, 6)], domain=MS, num_heads=2, tolerance=1e-4)
case("RotaryEmbedding", "RotaryEmbedding", 17, [f32(2, 3, 16), np.array([[0, 1, 2], [4, 5, 6]], np.int64), f32(8, 4), f32(8, 4)], domain=MS, num_heads=2)
case("RotaryEmbedding interleaved", "RotaryEmbedding", 17, [f32(2, 2, 3, 8), np.array([1], np.int64), f32(8, 4), f32(8, 4)], domain=MS, interleaved=1)
case("QuantizeLinear runtime", "QuantizeLinear", 17, [f32(3, 40), one(0.02), one(100, np.uint16)], domain=MS)
case("DequantizeLinear runtime", "DequantizeLinear", 17, [ints(3, 40, low=0, high=65535, dtype=np.uint16), one(0.02), one(100, np.uint16)], domain=MS)

# Recurrent layers beyond what ONNX's own tests cover ---------------------------------------------------------------
for name, gates in (("RNN", 1), ("GRU", 3), ("LSTM", 4)):
    for way, ways in (("forward", 1), ("reverse", 1), ("bidirectional", 2)):
        inputs = [f32(5, 3, 4), f32(ways, gates * 6, 4, low=-1, high=1), f32(ways, gates * 6, 6, low=-1, high=1), f32(ways, 2 * gates * 6, low=-1, high=1), np.array([5, 2, 3], np.int32), f32(ways, 3, 6)]
        case(f"{name} {way}", name, 14, inputs, outputs=2, direction=way, hidden_size=6, tolerance=1e-4)

# Operators with windows, regions, places and codes of their own ----------------------------------------------------
for mode in ("linear", "nearest", "cubic"):
    for padding in ("zeros", "border", "reflection"):
        case(f"GridSample {mode} {padding}", "GridSample", 20, [f32(2, 2, 5, 4), f32(2, 3, 6, 2, low=-1.4, high=1.4)], mode=mode, padding_mode=padding, tolerance=1e-4)
case("GridSample corners", "GridSample", 20, [f32(1, 2, 3, 4, 5), f32(1, 2, 3, 2, 3, low=-1, high=1)], mode="linear", align_corners=1, tolerance=1e-4)
boxes = np.array([[0, 0, 7, 7], [2, 1, 5, 6.5], [-3, 2, 20, 4]], np.float32)
case("RoiAlign", "RoiAlign", 16, [f32(2, 3, 8, 8), boxes, np.array([0, 1, 0])], output_height=3, output_width=2, sampling_ratio=2, tolerance=1e-4)
case("RoiAlign adaptive", "RoiAlign", 16, [f32(2, 3, 8, 8), boxes, np.array([0, 1, 0])], output_height=3, output_width=2, spatial_scale=0.5, tolerance=1e-4)
case("RoiAlign max", "RoiAlign", 10, [f32(2, 3, 8, 8), boxes, np.array([0, 1, 0])], output_height=2, output_width=2, sampling_ratio=2, mode="max", tolerance=1e-4)
case("MaxRoiPool", "MaxRoiPool", 13, [f32(2, 3, 8, 8), np.array([[0, 1, 1, 6, 5], [1, 0, 0, 7, 7]], np.float32)], pooled_shape=[2, 3])
case("DeformConv", "DeformConv", 19, [f32(1, 4, 6, 6), f32(2, 2, 3, 3), f32(1, 36, 4, 4, low=-1, high=1), f32(2), f32(1, 18, 4, 4, low=0, high=1)], group=2, offset_group=2, tolerance=1e-4)
case("Col2Im", "Col2Im", 18, [f32(1, 12, 15), i64(5, 4), i64(2, 2)], strides=[1, 1], pads=[0, 0, 1, 0])
case("DFT", "DFT", 17, [f32(2, 12, 1)], axis=1, tolerance=1e-4)
case("DFT onesided", "DFT", 17, [f32(2, 15, 1)], axis=1, onesided=1, tolerance=1e-4)
case("DFT complex inverse", "DFT", 17, [f32(2, 10, 2)], axis=1, inverse=1, tolerance=1e-4)
case("STFT", "STFT", 17, [f32(1, 40, 1), Const(np.int64(8)), f32(16, low=0, high=1)], onesided=1, tolerance=1e-4)
case("NonMaxSuppression", "NonMaxSuppression", 11, [f32(2, 9, 4, low=0, high=1), f32(2, 3, 9, low=0, high=1), np.array([4]), np.array([0.3], np.float32), np.array([0.2], np.float32)])
case("Unique", "Unique", 11, [ints(20, low=0, high=5)], outputs=4)
case("Unique rows", "Unique", 11, [ints(6, 2, low=0, high=1)], outputs=4, axis=0, sorted=0)
case("NonZero", "NonZero", 13, [ints(3, 4, low=0, high=1)])
case("Compress", "Compress", 11, [f32(3, 4), np.array([True, False, True])], axis=1)
case("MaxPool indices", "MaxPool", 12, [f32(2, 3, 6, 7)], outputs=2, kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 0], ceil_mode=1)
case("MaxUnpool", "MaxUnpool", 11, [f32(1, 1, 2, 2), np.array([[[[5, 7], [13, 15]]]])], kernel_shape=[2, 2], strides=[2, 2])
case("LpPool", "LpPool", 18, [f32(1, 2, 6, 6)], kernel_shape=[3, 3], p=3, pads=[1, 1, 1, 1], tolerance=1e-4)
case("GlobalLpPool", "GlobalLpPool", 13, [f32(1, 2, 6, 6)], p=2, tolerance=1e-4)
case("Resize cubic", "Resize", 13, [f32(1, 1, 5, 6), None, None, i64(1, 1, 9, 4)], mode="cubic", tolerance=1e-4)
case("Resize cubic outside", "Resize", 13, [f32(1, 1, 5, 6), None, Const(np.array([1, 1, 1.5, 0.6], np.float32))], mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5, tolerance=1e-4)
case("Resize region", "Resize", 13, [f32(1, 1, 5, 6), Const(np.array([0, 0, 0.2, 0.1, 1, 1, 1.1, 0.8], np.float32)), None, i64(1, 1, 4, 4)], mode="linear", coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=7.0, tolerance=1e-4)
case("ReverseSequence", "ReverseSequence", 10, [f32(5, 3, 2), np.array([5, 1, 3])], time_axis=0, batch_axis=1)
case("EyeLike", "EyeLike", 9, [f32(3, 5)], k=1)
case("Det", "Det", 11, [f32(2, 4, 4)], tolerance=1e-4)
case("BitShift", "BitShift", 11, [codes(7), ints(7, low=0, high=9, dtype=np.uint8)], direction="LEFT")
case("Einsum batch", "Einsum", 12, [f32(2, 3, 4), f32(2, 4, 5)], equation="...ij,...jk->...ik", tolerance=1e-4)
case("NegativeLogLikelihoodLoss", "NegativeLogLikelihoodLoss", 13, [f32(4, 5), ints(4, low=0, high=4), f32(5, low=0.1, high=1)], reduction="mean")
case("SoftmaxCrossEntropyLoss", "SoftmaxCrossEntropyLoss", 13, [f32(4, 5, 2), ints(4, 2, low=0, high=4)], outputs=2, reduction="none", ignore_index=2)
case("MatMulInteger", "MatMulInteger", 10, [codes(2, 3, 4), codes(4, 5, dtype=np.int8), one(3, np.uint8), one(-2, np.int8)])
case("ConvInteger", "ConvInteger", 10, [codes(1, 2, 6, 6), codes(3, 2, 3, 3), one(100, np.uint8), one(128, np.uint8)], pads=[1, 1, 1, 1])
case("QLinearConv", "QLinearConv", 10, [codes(1, 4, 6, 6), Const(one(0.02)), Const(one(110, np.uint8)), Const(codes(4, 2, 3, 3, dtype=np.int8)), Const(f32(4, low=0.01, high=0.03)), Const(np.zeros(4, np.int8)), Const(one(0.1)), Const(one(128, np.uint8)), Const(ints(4, dtype=np.int32))], group=2)
case("QLinearMatMul", "QLinearMatMul", 10, [codes(3, 8), one(0.02), one(110, np.uint8), codes(8, 5), one(0.03), one(120, np.uint8), one(0.2), one(128, np.uint8)])
case("DynamicQuantizeLinear", "DynamicQuantizeLinear", 11, [f32(3, 40)], outputs=3)
case("DequantizeLinear blocked", "DequantizeLinear", 21, [codes(4, 6), f32(2, 6, low=0.01, high=0.1), codes(2, 6)], axis=0, block_size=2)
case("QuantizeLinear blocked", "QuantizeLinear", 21, [f32(4, 6), f32(4, 3, low=0.01, high=0.1), codes(4, 3)], axis=1, block_size=2)
case("LpNormalization", "LpNormalization", 13, [f32(3, 4, 5)], axis=1, p=1)
case("MeanVarianceNormalization", "MeanVarianceNormalization", 13, [f32(2, 3, 4, 5)], tolerance=1e-4)
case("Hardmax", "Hardmax", 13, [f32(3, 4, 5)], axis=1)
case("Softmax float64", "Softmax", 13, [rng.standard_normal((3, 7))], axis=0)

# What ONNX Runtime's optimizer and quantizer write besides -------------------------------------------------------------
def grouped(name, length, past, total, last, attributes=None, packed=False, more=(), outputs=3):
    """GroupQueryAttention of 4 heads of 16 over 2 of keys, for samples whose last places are `last`."""
    samples = len(last)
    query = [f32(samples, length, 128), None, None] if packed else [f32(samples, length, n) for n in (64, 32, 32)]
    cache = [f32(samples, 2, past, 16), f32(samples, 2, past, 16)] if past else [None, None]
    lengths = [np.array(last, np.int32), Const(np.array([total], np.int32))]
    case(name, "GroupQueryAttention", 17, query + cache + lengths + list(more), outputs=outputs, domain=MS, num_heads=4, kv_num_heads=2, tolerance=1e-4, **(attributes or {}))


angles = np.arange(16)[:, None] * (0.5 ** np.arange(8))[None, :]
turns = [np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)]
grouped("GroupQueryAttention prompt", 5, 0, 5, [4, 4])
grouped("GroupQueryAttention packed rotary", 5, 0, 5, [4, 4], {"do_rotary": 1}, packed=True, more=turns)
grouped("GroupQueryAttention rotary interleaved", 1, 6, 7, [6, 6], {"do_rotary": 1, "rotary_interleaved": 1}, more=turns)
grouped("GroupQueryAttention past", 1, 4, 5, [4, 4])
grouped("GroupQueryAttention past of other lengths", 1, 4, 5, [4, 2], {"do_rotary": 1}, more=turns)
grouped("GroupQueryAttention chunk behind a past", 3, 4, 7, [6], {"do_rotary": 1}, more=turns)
grouped("GroupQueryAttention long buffer", 1, 9, 5, [4, 3])
grouped("GroupQueryAttention window", 6, 0, 6, [5, 5], {"local_window_size": 2})
grouped("GroupQueryAttention window past", 1, 8, 9, [8, 8], {"local_window_size": 3})
grouped("GroupQueryAttention softcap", 4, 0, 4, [3, 3], {"softcap": 1.5, "scale": 0.7})
grouped("GroupQueryAttention smooth", 4, 0, 4, [3, 3], {"smooth_softmax": 1})
grouped("GroupQueryAttention sinks", 4, 0, 4, [3, 3], more=[None, None, None, None, f32(4)])
grouped("GroupQueryAttention bias", 4, 0, 4, [3, 3], more=[None, None, None, f32(2, 4, 4, 4)])
grouped("GroupQueryAttention positions", 4, 0, 4, [3, 3], {"do_rotary": 1}, more=turns + [np.array([[0, 1, 2, 3], [4, 5, 6, 7]])])
for per in (1, 24):
    case(f"QAttention {per}", "QAttention", 17, [codes(2, 4, 8), Const(codes(8, 24, dtype=np.int8)), Const(f32(24)), one(0.02), Const(f32(per, low=0.01, high=0.03) if per > 1 else one(0.02)), None, one(120, np.uint8), Const(np.zeros(per, np.int8) if per > 1 else one(0, np.int8))], domain=MS, num_heads=2, tolerance=1e-4)
case("QAttention mask past", "QAttention", 17, [codes(2, 4, 8), Const(codes(8, 24)), Const(f32(24)), one(0.02), Const(one(0.02)), np.array([[1, 1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 0, 0]], np.int32), one(120, np.uint8), Const(one(130, np.uint8)), f32(2, 2, 2, 3, 4)], outputs=2, domain=MS, num_heads=2, unidirectional=1, tolerance=1e-4)
case("NhwcMaxPool", "NhwcMaxPool", 17, [codes(1, 7, 6, 3)], domain=MS, kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 0])
case("NhwcMaxPool signed", "NhwcMaxPool", 17, [codes(1, 7, 6, 3, dtype=np.int8)], domain=MS, kernel_shape=[2, 2], ceil_mode=1, strides=[2, 2])
channels_last = [codes(1, 6, 6, 4), Const(one(0.02)), Const(one(110, np.uint8)), Const(codes(4, 4, 3, 3, dtype=np.int8)), Const(f32(4, low=0.01, high=0.03)), Const(np.zeros(4, np.int8)), Const(one(0.4)), Const(one(128, np.uint8)), Const(ints(4, dtype=np.int32))]
case("QLinearConv channels last", "QLinearConv", 17, channels_last, domain=MS, channels_last=1, pads=[1, 1, 1, 1])
case("QLinearConv channels first", "QLinearConv", 17, [codes(1, 4, 6, 6)] + channels_last[1:], domain=MS)
case("QLinearWhere", "QLinearWhere", 17, [ints(3, 4, low=0, high=1).astype(bool), codes(3, 4), Const(one(0.02)), Const(one(100, np.uint8)), codes(3, 4), Const(one(0.05)), Const(one(130, np.uint8)), Const(one(0.06)), Const(one(120, np.uint8))], domain=MS)
table = codes(10, 16)
case("GatherBlockQuantized", "GatherBlockQuantized", 21, [Const(table), ints(2, 3, low=0, high=9), Const(f32(10, 2, low=0.01, high=0.1)), Const(codes(10, 1))], domain=MS, gather_axis=0, quantize_axis=1, block_size=16, bits=4)
case("GatherBlockQuantized middle", "GatherBlockQuantized", 21, [Const(table), ints(4, low=0, high=9, dtype=np.int32), Const(f32(10, 2, low=0.01, high=0.1))], domain=MS, gather_axis=0, quantize_axis=1, block_size=16, bits=4)
case("GatherBlockQuantized 8 bits", "GatherBlockQuantized", 21, [Const(table), ints(2, 3, low=0, high=9), Const(f32(10, 1, low=0.01, high=0.1)), Const(codes(10, 1))], domain=MS, gather_axis=0, quantize_axis=1, block_size=16, bits=8)
for kind in (0, 1):
    case(f"MatMulBnb4 {kind}", "MatMulBnb4", 17, [f32(3, 40), Const(codes(120)), Const(f32(8, low=0.01, high=0.1))], domain=MS, K=40, N=6, block_size=32, quant_type=kind, tolerance=1e-4)
scales = [Const(one(v)) for v in (0.02, 0.03, 0.01, 0.02, 0.01)]
zeros = [Const(one(v, np.uint8)) for v in (120, 128, 100, 0, 128)]
case("QEmbedLayerNormalization", "QEmbedLayerNormalization", 17, [ints(2, 4, low=0, high=9, dtype=np.int32), ints(2, 4, low=0, high=1, dtype=np.int32), Const(codes(10, 8)), Const(codes(6, 8)), Const(codes(2, 8)), Const(codes(8)), Const(codes(8)), np.ones((2, 4), np.int32)] + scales + zeros, outputs=2, domain=MS, tolerance=1e-4)
# The state is rounded to 8 bits in every step there, and stays float32 here.
case("DynamicQuantizeLSTM", "DynamicQuantizeLSTM", 17, [f32(3, 2, 4, low=-1, high=1), Const(codes(1, 4, 24)), Const(codes(1, 6, 24)), Const(f32(1, 48, low=-1, high=1)), None, None, None, None, Const(np.array([0.004], np.float32)), Const(np.array([128], np.uint8)), Const(np.array([0.004], np.float32)), Const(np.array([120], np.uint8))], outputs=3, domain=MS, hidden_size=6, tolerance=0.02)
case("Trilu runtime", "Trilu", 17, [f32(4, 5), Const(np.int64(1))], domain=MS, upper=0)
case("GridSample runtime", "GridSample", 17, [f32(2, 2, 5, 4), f32(2, 3, 6, 2, low=-1.4, high=1.4)], domain=MS, mode="bilinear", padding_mode="border", tolerance=1e-4)
case("ExpandDims runtime", "ExpandDims", 17, [f32(4, 5), Const(np.int32(1))], domain=MS)
case("Pad runtime", "Pad", 17, [f32(4, 5), i64(1, 0, 2, 1), Const(one(3.0))], domain=MS, mode="constant")


# Those that only ONNX Runtime's other providers run: by the standard operators they stand for.
def standard(inputs, nodes, opset=21):
    """What a small graph of standard operators gives; inputs are x0, x1, ... and the result is y."""
    feeds = {f"x{i}": np.asarray(v) for i, v in enumerate(inputs)}
    made = [helper.make_node(op, i.split(), o.split(), **kw) for op, i, o, kw in nodes]
    graph = helper.make_graph(made, "g", [helper.make_tensor_value_info(k, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for k, v in feeds.items()], [helper.make_empty_tensor_value_info("y")])
    model = onnx.shape_inference.infer_shapes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10))
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(["y"], feeds)


x, w, b, z = f32(1, 6, 5, 4), f32(3, 4, 3, 3), f32(3), f32(1, 6, 5, 3)
first, last = {"perm": [0, 3, 1, 2]}, {"perm": [0, 2, 3, 1]}
conv = [("Transpose", "x0", "t", first), ("Conv", "t x1 x2", "c", {"pads": [1, 1, 1, 1]})]
plain = standard([x, w, b], conv + [("Transpose", "c", "y", last)])
case("NhwcConv", "NhwcConv", 17, [x, np.ascontiguousarray(w.transpose(0, 2, 3, 1)), b], domain=MS, pads=[1, 1, 1, 1], expected=plain, tolerance=1e-4)
case("NhwcFusedConv", "NhwcFusedConv", 17, [x, w, b, z], domain=MS, pads=[1, 1, 1, 1], activation="Relu", expected=[np.maximum(plain[0] + z, 0)], tolerance=1e-4)
c, g, o = f32(1, 3, 4, 8), f32(8), f32(8)
grouping = [("Transpose", "x0", "t", first), ("GroupNormalization", "t x1 x2", "n", {"num_groups": 4, "epsilon": 1e-5}), ("Transpose", "n", "y", last)]
normal = standard([c, g, o], grouping)[0]
case("GroupNorm", "GroupNorm", 17, [c, g, o], domain=MS, groups=4, activation=1, epsilon=1e-5, channels_last=1, expected=[normal / (1 + np.exp(-normal))], tolerance=1e-4)
k = f32(1, 8)
total = c + k[:, None, None, :] + o
case("SkipGroupNorm", "SkipGroupNorm", 17, [c, g, o, k, o], outputs=2, domain=MS, groups=4, activation=0, epsilon=1e-5, expected=[standard([total, g, o], grouping)[0], total], tolerance=1e-4)
r, h = f32(2, 3, 8), f32(8)
case("BiasAdd", "BiasAdd", 17, [r, h, r[::-1].copy()], domain=MS, expected=[r + h + r[::-1]])
case("BiasDropout", "BiasDropout", 17, [r, h, r[::-1].copy()], domain=MS, expected=[r + h + r[::-1]])
left, right = np.split(r + h, 2, axis=-1)
case("BiasSplitGelu", "BiasSplitGelu", 17, [r, h], domain=MS, expected=[left * standard([right], [("Gelu", "x0", "y", {})])[0]], tolerance=1e-4)
m = f32(8, 5)
case("GemmFastGelu", "GemmFastGelu", 17, [r, m, m[0].copy()], domain=MS, expected=standard([r @ m + m[0]], [("Gelu", "x0", "y", {"approximate": "tanh"})]), tolerance=1e-4)
inner, outer = f32(2, 3, 4, 5), f32(4, 5)
sums = inner + outer
case("BiasSoftmax", "BiasSoftmax", 17, [inner, outer], domain=MS, axis=3, is_inner_broadcast=1, expected=standard([sums], [("Softmax", "x0", "y", {"axis": 3})]), tolerance=1e-5)
beside = f32(2, 4, 5)
case("BiasSoftmax outer", "BiasSoftmax", 17, [inner, beside], domain=MS, axis=2, is_inner_broadcast=0, expected=[standard([(inner + beside[:, None]).reshape(2, 3, 20)], [("Softmax", "x0", "y", {"axis": 2})])[0].reshape(2, 3, 4, 5)])
q = codes(2, 3, 6)
mean = ((q.astype(np.float32) - 120) * np.float32(0.02)).mean(axis=2, keepdims=True, dtype=np.float32)
case("QLinearReduceMean", "QLinearReduceMean", 17, [q, Const(one(0.02)), Const(one(120, np.uint8)), Const(one(0.017)), Const(one(100, np.uint8))], domain=MS, axes=[2], expected=[np.clip(np.rint(mean / np.float32(0.017)) + 100, 0, 255).astype(np.uint8)])

# Experimental up to operator set 9.
for op, attributes in {"Affine": dict(alpha=-1.5, beta=0.25), "Scale": dict(scale=-1.5), "ScaledTanh": dict(alpha=1.7, beta=0.6), "ParametricSoftplus": dict(alpha=-0.7, beta=1.4)}.items():
    case(op, op, 9, [f32(4, 33, low=-8, high=8)], **attributes)
case("Affine defaults", "Affine", 7, [f32(7)])
case("ImageScaler", "ImageScaler", 9, [f32(2, 3, 4, 5)], scale=0.5, bias=[-0.4, 0.1, 2.0])
case("Crop borders", "Crop", 9, [f32(2, 3, 6, 7)], border=[1, 2, 3, 0])
case("Crop scale", "Crop", 9, [f32(2, 3, 6, 7)], border=[1, 2, 0, 0], scale=[3, 5])
for op, window, stride in (("AveragePool", 16, 16), ("MaxPool", 8, 2), ("LpPool", 8, 8)):
    case(f"{op} larger than its input", op, 22, [f32(1, 2, 7, 7)], kernel_shape=[window] * 2, strides=[stride] * 2, ceil_mode=1, tolerance=1e-4)
    case(f"{op} larger along one axis", op, 22, [f32(1, 2, 7, 5)], kernel_shape=[2, 8], strides=[2, 6], pads=[0, 1, 0, 1], ceil_mode=1, tolerance=1e-4)

default = Path(__file__).resolve().parents[2] / "Tests/Recorded/operators.json"
output = Path(sys.argv[1]) if len(sys.argv) > 1 else default
output.parent.mkdir(parents=True, exist_ok=True)
lines = ",\n".join(json.dumps(c, sort_keys=True) for c in cases)
output.write_text(f'{{"onnxruntime": "{onnxruntime.__version__}", "cases": [\n{lines}\n]}}\n')
print(f"{len(cases)} cases, {output.stat().st_size} bytes")
