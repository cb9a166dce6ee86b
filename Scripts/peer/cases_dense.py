"""Matrix products, normalization, softmax, attention and activations."""

import numpy as np

from model_builder import case


def linear(b, x, inputs, outputs):
    """MatMul and Add, as exporters write a linear layer over more than two axes."""
    y = b.node("MatMul", x, b.weight(b.normal(inputs, outputs, scale=inputs**-0.5)))
    return b.node("Add", y, b.weight(b.normal(outputs, scale=0.1)))


@case
def gemm_transposed_scaled(b):
    x = b.input("input", b.normal(6, 4), dims=[6, "batch"])
    weights = b.weight(b.normal(5, 6)), b.weight(b.normal(5))
    b.output(b.node("Gemm", x, *weights, transA=1, transB=1, alpha=0.5, beta=-2.0))


@case
def gemm_addend_shapes(b):
    x, w = b.input("input", b.normal(4, 6)), b.weight(b.normal(6, 3))
    b.output(b.node("Gemm", x, w, b.weight(b.normal(1, 3)), beta=0.25), b.node("Gemm", x, w),
             b.node("Gemm", x, w, b.weight(np.float32(1.5))))


@case
def matmul_broadcast(b):
    x = b.input("input", b.normal(2, 1, 3, 4))
    b.output(b.node("MatMul", x, b.weight(b.normal(5, 4, 6))), b.node("MatMul", b.weight(b.normal(7, 3)), x))


@case
def matmul_vectors(b):
    x = b.input("input", b.normal(3, 4))
    b.output(b.node("MatMul", x, b.weight(b.normal(4))), b.node("MatMul", b.weight(b.normal(3)), x))


@case
def elementwise_broadcast(b):
    x = b.input("input", b.normal(2, 3, 4))
    row, column = b.weight(b.normal(4)), b.weight(np.abs(b.normal(3, 1)) + 0.5)
    y = b.node("Div", b.node("Sub", b.node("Mul", x, row), column), column)
    positive = b.node("Add", b.node("Pow", y, b.weight(np.float32(2))), b.weight(np.float32(1e-3)))
    b.output(y, b.node("Sqrt", positive), b.node("Max", x, row), b.node("Min", x, row, column),
             b.node("Exp", b.node("Neg", b.node("Abs", x))), b.node("Log", positive), b.node("Reciprocal", positive))


@case
def layer_norm_operator(b):
    b.opset = 17
    x = b.input("input", b.normal(2, 3, 8))
    last = b.node("LayerNormalization", x, b.weight(b.normal(8)), b.weight(b.normal(8)), axis=-1, epsilon=1e-4)
    both = b.node("LayerNormalization", x, b.weight(b.normal(3, 8)), axis=1)
    b.output(last, both)


@case
def layer_norm_decomposed(b):
    x = b.input("input", b.normal(2, 5, 8))
    centred = b.node("Sub", x, b.node("ReduceMean", x, axes=[-1]))
    square = b.node("Pow", centred, b.weight(np.float32(2)))
    variance = b.node("Add", b.node("ReduceMean", square, axes=[-1]), b.weight(np.float32(1e-5)))
    y = b.node("Div", centred, b.node("Sqrt", variance))
    b.output(b.node("Add", b.node("Mul", y, b.weight(b.normal(8))), b.weight(b.normal(8))))


@case
def softmax_axes(b):
    x = b.input("input", b.normal(2, 3, 4, 5, scale=4))
    b.output(b.node("Softmax", x), b.node("Softmax", x, axis=1), b.node("LogSoftmax", x, axis=-2))


@case
def softmax_opset11_flattens(b):
    b.opset = 11
    x = b.input("input", b.normal(2, 3, 4))
    b.output(b.node("Softmax", x), b.node("Softmax", x, axis=2))


def attention(b, x, mask, width=8, heads=2, length=5):
    """Multi-head self-attention; `mask` turns scores into masked scores."""
    split = b.ints(0, length, heads, width // heads)
    q, k, v = (b.node("Reshape", linear(b, x, width, width), split) for _ in range(3))
    q, v = b.node("Transpose", q, perm=[0, 2, 1, 3]), b.node("Transpose", v, perm=[0, 2, 1, 3])
    scores = b.node("MatMul", q, b.node("Transpose", k, perm=[0, 2, 3, 1]))
    scores = b.node("Div", scores, b.weight(np.float32((width // heads) ** 0.5)))
    y = b.node("MatMul", b.node("Softmax", mask(scores), axis=-1), v)
    y = b.node("Reshape", b.node("Transpose", y, perm=[0, 2, 1, 3]), b.ints(-1, length, width))
    return linear(b, y, width, width)


@case
def attention_where_mask(b):
    x = b.input("input", b.normal(2, 5, 8))
    future = b.weight(np.triu(np.ones((1, 1, 5, 5), bool), 1))
    b.output(attention(b, x, lambda s: b.node("Where", future, b.weight(np.float32(-np.inf)), s)))


@case
def attention_trilu_mask(b):
    b.opset = 14
    x = b.input("input", b.normal(2, 5, 8))
    ones = b.weight(np.full((5, 5), -1e9, np.float32))
    future = b.node("Trilu", ones, b.weight(np.int64(1)), upper=1)
    b.output(attention(b, x, lambda s: b.node("Add", s, future)))


@case
def transformer_block(b):
    b.opset = 17
    ids = b.input("input", b.rng.integers(0, 11, (3, 5)))
    x = b.node("Add", b.node("Gather", b.weight(b.normal(11, 8)), ids), b.weight(b.normal(5, 8)))

    def norm(v):
        return b.node("LayerNormalization", v, b.weight(b.normal(8)), b.weight(b.normal(8)))

    future = b.weight(np.triu(np.full((5, 5), -1e4, np.float32), 1))
    x = b.node("Add", x, attention(b, norm(x), lambda s: b.node("Add", s, future)))
    hidden = gelu(b, linear(b, norm(x), 8, 32))
    x = b.node("Add", x, linear(b, hidden, 32, 8))
    b.output(linear(b, norm(x), 8, 11))


def gelu(b, x):
    """x / 2 (1 + erf(x / sqrt 2)) in five nodes, as PyTorch exports it."""
    y = b.node("Add", b.node("Erf", b.node("Div", x, b.weight(np.float32(2**0.5)))), b.weight(np.float32(1)))
    return b.node("Mul", b.node("Mul", x, y), b.weight(np.float32(0.5)))


@case
def gelu_forms(b):
    b.opset = 20
    x = b.input("input", b.normal(3, 7, scale=3))
    b.output(gelu(b, x), b.node("Gelu", x), b.node("Gelu", x, approximate="tanh"))


@case
def activations(b):
    b.opset = 16
    x = b.input("input", b.normal(3, 4, 2, scale=3))
    b.output(b.node("Relu", x), b.node("LeakyRelu", x, alpha=0.2), b.node("PRelu", x, b.weight(b.normal(4, 1))),
             b.node("Elu", x, alpha=1.5), b.node("Selu", x), b.node("Sigmoid", x), b.node("Tanh", x),
             b.node("Softplus", x), b.node("Mul", x, b.node("Sigmoid", x)))


@case
def hard_swish(b):
    b.opset = 14
    x = b.input("input", b.normal(3, 9, scale=3))
    by_hand = b.node("Mul", x, b.node("HardSigmoid", x, alpha=1 / 6, beta=0.5))
    b.output(b.node("HardSwish", x), by_hand, b.node("HardSigmoid", x))


@case
def clip_opset6(b):
    b.opset = 10
    x = b.input("input", b.normal(3, 9, scale=4))
    b.output(b.node("Clip", x, min=0.0, max=6.0), b.node("Clip", x, max=1.0))


@case
def clip_opset11(b):
    b.opset = 12
    x = b.input("input", b.normal(3, 9, scale=4))
    low, high = b.weight(np.float32(-1)), b.weight(np.float32(2))
    b.output(b.node("Clip", x, low, high), b.node("Clip", x, "", high), b.node("Clip", x, low))
