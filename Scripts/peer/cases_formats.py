"""What files may look like: old opsets, initializer forms, external data, casts, constants, many inputs."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from cases_conv import conv, normalization
from model_builder import case


def typed(name, kind, value):
    """An initializer in the typed field of its kind instead of raw bytes."""
    return helper.make_tensor(name, kind, value.shape, value.flatten().tolist(), raw=False)


@case
def opset7_initializers_as_inputs(b):
    b.opset, b.initializers_are_inputs = 7, True
    y = b.node("Relu", normalization(b, conv(b, b.image(), 3, 4, pads=[1] * 4), 4))
    y = b.node("Dropout", b.node("GlobalAveragePool", y), ratio=0.4)
    y = b.node("Reshape", y, b.ints(0, -1))
    b.output(b.node("Gemm", y, b.weight(b.normal(4, 5)), b.weight(b.normal(5))))


@case
def opset8_initializers_as_inputs(b):
    b.opset, b.initializers_are_inputs = 8, True
    y = b.node("MaxPool", conv(b, b.image(), 3, 4), kernel_shape=[2, 2], strides=[2, 2])
    y = b.node("Flatten", y)
    b.output(b.node("Softmax", b.node("Gemm", y, b.weight(b.normal(5, 36)), b.weight(b.normal(5)), transB=1)))


@case
def dropout_identity(b):
    x = b.input("input", b.normal(3, 4))
    ratio, training = b.weight(np.float32(0.3)), b.weight(np.bool_(False))
    y = b.node("Identity", b.node("Dropout", x, ratio, training))
    b.output(b.node("Add", y, b.node("Identity", b.weight(b.normal(4)))), b.node("Dropout", x))


@case
def half_weights_cast(b):
    x = b.input("input", b.normal(3, 6))
    weight = b.node("Cast", b.weight(b.normal(6, 4).astype(np.float16)), to=TensorProto.FLOAT)
    bias = b.node("Cast", b.weight(b.normal(4).astype(np.float64)), to=TensorProto.FLOAT)
    b.output(b.node("Add", b.node("MatMul", x, weight), bias))


@case
def initializers_typed(b):
    x = b.input("input", b.normal(3, 4))
    kinds = TensorProto
    half = b.normal(4, 5).astype(np.float16)
    weight = b.node("Cast", b.weight(typed("half", kinds.FLOAT16, half)), to=kinds.FLOAT)
    y = b.node("MatMul", x, weight)
    y = b.node("Add", y, b.weight(typed("bias", kinds.FLOAT, b.normal(5))))
    doubles = b.node("Cast", b.weight(typed("doubles", kinds.DOUBLE, b.normal(5).astype(np.float64))), to=kinds.FLOAT)
    y = b.node("Mul", y, doubles)
    for name, kind, dtype in (("int32", kinds.INT32, np.int32), ("uint8", kinds.UINT8, np.uint8),
                              ("int8", kinds.INT8, np.int8), ("bool", kinds.BOOL, np.bool_)):
        value = b.rng.integers(0, 2 if dtype is np.bool_ else 100, 5).astype(dtype)
        y = b.node("Add", y, b.node("Cast", b.weight(typed(name, kind, value)), to=kinds.FLOAT))
    y = b.node("Reshape", y, b.weight(typed("shape", kinds.INT64, np.array([-1, 5, 1]))))
    b.output(y)


@case
def initializers_raw(b):
    x = b.input("input", b.normal(3, 4))
    y = b.node("MatMul", x, b.weight(b.normal(4, 5)))
    for dtype in (np.float16, np.float64, np.int32, np.int64, np.uint8, np.int8, np.bool_):
        value = b.rng.integers(0, 2 if dtype is np.bool_ else 100, (1, 5)).astype(dtype)
        y = b.node("Add", y, b.node("Cast", b.weight(value), to=TensorProto.FLOAT))
    bfloat = helper.make_tensor("bfloat", TensorProto.BFLOAT16, [5],
                                (b.normal(5).view(np.uint32) >> 16).astype(np.uint16).tobytes(), raw=True)
    y = b.node("Add", y, b.node("Cast", b.weight(bfloat), to=TensorProto.FLOAT))
    b.output(y)


@case
def external_data(b):
    b.external = "weights.bin"
    x = b.input("input", b.normal(3, 40))
    y = b.node("Relu", b.node("Gemm", x, b.weight(b.normal(30, 40)), b.weight(b.normal(30)), transB=1))
    b.output(b.node("Gemm", y, b.weight(b.normal(7, 30)), b.weight(b.normal(7)), transB=1))


@case
def constants(b):
    x = b.input("input", b.normal(2, 6))
    tensor = b.node("Constant", value=numpy_helper.from_array(b.normal(6)))
    y = b.node("Mul", b.node("Add", x, tensor), b.node("Constant", value_float=0.5))
    y = b.node("Add", y, b.node("Constant", value_floats=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
    y = b.node("Reshape", y, b.node("Constant", value_ints=[-1, 2, 3]))
    fill = helper.make_tensor("fill", TensorProto.FLOAT, [1], [0.25])
    filled = b.node("ConstantOfShape", b.node("Constant", value_ints=[2, 3]), value=fill)
    steps = b.node("Range", b.weight(np.float32(0)), b.weight(np.float32(3)), b.weight(np.float32(1)))
    b.output(b.node("Add", b.node("Mul", y, filled), steps))


@case
def two_inputs_two_outputs(b):
    a, c = b.input("left", b.normal(2, 3)), b.input("right", b.normal(2, 4))
    joined = b.node("Concat", a, c, axis=1)
    b.output(b.node("Gemm", joined, b.weight(b.normal(7, 2)), b.weight(b.normal(2))), b.node("Sum", a, a, a))


@case
def shared_and_unused_weights(b):
    x, shared = b.input("input", b.normal(2, 5)), b.weight(b.normal(5, 5), "shared")
    b.weight(b.normal(100), "unused")
    y = b.node("Relu", b.node("MatMul", x, shared))
    b.node("Sigmoid", y)  # nothing reads this node
    b.output(b.node("MatMul", y, shared))
