"""Operators that move, select, reduce and resize."""

import numpy as np
from onnx import TensorProto

from model_builder import case


@case
def gather_axes(b):
    x = b.input("input", b.normal(2, 5, 4))
    b.output(b.node("Gather", x, b.weight(np.array([[0, -1], [3, 2]])), axis=1),
             b.node("Gather", x, b.weight(np.int64(2)), axis=-1))


@case
def slice_inputs(b):
    x = b.input("input", b.normal(2, 6, 7))
    b.output(b.node("Slice", x, b.ints(1, -4), b.ints(5, 2**62), b.ints(1, 2), b.ints(2, 1)),
             b.node("Slice", x, b.ints(-1), b.ints(-(2**62)), b.ints(-1), b.ints(-2)))


@case
def slice_opset9_attributes(b):
    b.opset = 9
    x = b.input("input", b.normal(2, 6, 7))
    b.output(b.node("Slice", x, starts=[1, 0], ends=[-1, 3], axes=[1, 2]))


@case
def split_opset11(b):
    b.opset = 11
    x = b.input("input", b.normal(2, 6, 4))
    b.output(*b.node("Split", x, outputs=3, axis=1, split=[1, 3, 2]), *b.node("Split", x, outputs=2, axis=-1))


@case
def split_opset13(b):
    x = b.input("input", b.normal(2, 6, 4))
    first, _ = b.node("Split", x, b.ints(2, 4), outputs=2, axis=1)
    b.output(first, *b.node("Split", x, outputs=2, axis=1))


@case
def split_opset18_uneven(b):
    b.opset = 18
    x = b.input("input", b.normal(2, 7))
    b.output(*b.node("Split", x, outputs=3, axis=1, num_outputs=3))


@case
def reshape_flatten_transpose(b):
    x = b.input("input", b.normal(2, 3, 4, 5))
    b.output(b.node("Reshape", x, b.ints(0, -1, 5)), b.node("Reshape", x, b.ints(0, 0, -1)),
             b.node("Flatten", x, axis=2), b.node("Flatten", x, axis=-1), b.node("Transpose", x),
             b.node("Transpose", x, perm=[0, 2, 3, 1]))


@case
def reshape_by_computed_shape(b):
    x = b.input("input", b.normal(2, 3, 4))
    batch = b.node("Gather", b.node("Shape", x), b.weight(np.int64(0)))
    shape = b.node("Concat", b.node("Unsqueeze", batch, b.ints(0)), b.ints(-1), axis=0)
    b.output(b.node("Reshape", x, shape), dims=["batch", "rest"])


@case
def squeeze_opset11(b):
    b.opset = 11
    x = b.input("input", b.normal(2, 1, 3, 1))
    b.output(b.node("Squeeze", x, axes=[1]), b.node("Squeeze", x, axes=[-1]), b.node("Unsqueeze", x, axes=[0, 3]))


@case
def squeeze_opset13(b):
    x = b.input("input", b.normal(2, 1, 3, 1))
    b.output(b.node("Squeeze", x, b.ints(1, -1)), b.node("Unsqueeze", x, b.ints(-1, 1)))


@case
def reduce_opset13(b):
    x = b.input("input", b.normal(2, 3, 4, 5))
    b.output(b.node("ReduceMean", x, axes=[2, -1], keepdims=0), b.node("ReduceSum", x, b.ints(1), keepdims=1),
             b.node("ReduceMax", x, axes=[1]))


@case
def reduce_opset18(b):
    b.opset = 18
    x = b.input("input", b.normal(2, 3, 4, 5))
    b.output(b.node("ReduceMean", x, b.ints(-1), keepdims=1), b.node("ReduceMean", x, b.ints(2, 3), keepdims=0),
             b.node("ReduceMax", x, b.ints(1), keepdims=0))


@case
def pad_modes(b):
    x, amounts = b.image(2, 5, 4), b.ints(0, 1, 2, 0, 0, 0, 1, 3)
    inner = b.ints(0, 0, 2, 1, 0, 0, 1, 3)
    b.output(b.node("Pad", x, amounts, b.weight(np.float32(-0.5))), b.node("Pad", x, amounts),
             b.node("Pad", x, inner, mode="reflect"), b.node("Pad", x, inner, mode="edge"))


@case
def pad_opset10(b):
    b.opset = 10
    b.output(b.node("Pad", b.image(2, 5, 4), pads=[0, 0, 1, 2, 0, 0, 3, 0], value=1.5))


@case
def resize_nearest(b):
    x = b.image(2, 4, 5)
    scales = b.weight(np.array([1, 1, 2, 3], np.float32))
    b.output(b.node("Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric",
                    nearest_mode="floor"),
             b.node("Resize", x, "", scales, mode="nearest"))


@case
def upsample_opset9(b):
    b.opset = 9
    x = b.image(2, 4, 5)
    b.output(b.node("Upsample", x, b.weight(np.array([1, 1, 2, 2], np.float32)), mode="nearest"))


@case
def expand_and_where(b):
    x = b.input("input", b.normal(2, 1, 4))
    wide = b.node("Expand", x, b.ints(1, 3, 1))
    positive = b.node("Greater", wide, b.weight(np.float32(0)))
    b.output(wide, b.node("Where", positive, wide, b.weight(b.normal(3, 1))))


@case
def integer_outputs(b):
    x = b.input("input", b.normal(3, 5))
    b.output(b.node("ArgMax", x, axis=1, keepdims=0), b.node("Shape", x), kind=TensorProto.INT64)
