"""Convolutions and pools: strides, paddings of every kind, dilations, groups, normalization."""

import numpy as np

from model_builder import case


def conv(b, x, inputs, outputs, kernel=(3, 3), groups=1, bias=True, **attributes):
    """A Conv with fresh weights."""
    weights = [b.weight(b.normal(outputs, inputs // groups, *kernel, scale=0.3))]
    weights += [b.weight(b.normal(outputs))] if bias else []
    extra = {"group": groups} if groups > 1 else {}
    return b.node("Conv", x, *weights, kernel_shape=list(kernel), **extra, **attributes)


def normalization(b, x, channels, **attributes):
    """A BatchNormalization with fresh statistics."""
    scale, shift, mean = b.normal(channels), b.normal(channels), b.normal(channels)
    variance = b.rng.uniform(0.5, 2, channels).astype(np.float32)
    return b.node("BatchNormalization", x, *(b.weight(v) for v in (scale, shift, mean, variance)), **attributes)


@case
def conv_plain(b):
    b.output(conv(b, b.image(), 3, 5, pads=[1, 1, 1, 1]))


@case
def conv_defaults_only(b):
    x = b.image()
    b.output(b.node("Conv", x, b.weight(b.normal(4, 3, 3, 2))))


@case
def conv_stride_asymmetric_pads(b):
    b.output(conv(b, b.image(), 3, 7, kernel=(3, 2), strides=[2, 1], pads=[1, 0, 0, 2]))


@case
def conv_same_upper(b):
    b.output(conv(b, b.image(), 3, 4, strides=[2, 2], auto_pad="SAME_UPPER"))


@case
def conv_same_lower(b):
    b.output(conv(b, b.image(), 3, 4, kernel=(4, 2), strides=[2, 3], auto_pad="SAME_LOWER"))


@case
def conv_valid(b):
    b.output(conv(b, b.image(), 3, 4, strides=[2, 1], auto_pad="VALID"))


@case
def conv_dilated(b):
    b.output(conv(b, b.image(height=13, width=12), 3, 4, dilations=[2, 3], pads=[2, 1, 2, 3]))


@case
def conv_pointwise_strided(b):
    b.output(conv(b, b.image(6), 6, 10, kernel=(1, 1), strides=[2, 2]))


@case
def conv_grouped(b):
    b.output(conv(b, b.image(8), 8, 12, groups=4, bias=False, pads=[1, 1, 1, 1]))


@case
def conv_depthwise(b):
    b.output(conv(b, b.image(6), 6, 6, groups=6, strides=[2, 2], pads=[1, 1, 1, 1]))


@case
def conv_depthwise_multiplier(b):
    b.output(conv(b, b.image(4), 4, 8, kernel=(5, 3), groups=4, auto_pad="SAME_UPPER"))


@case
def conv_bn_relu_residual(b):
    x = b.image(6)
    y = conv(b, x, 6, 6, pads=[1, 1, 1, 1], bias=False)
    y = b.node("Relu", normalization(b, y, 6, epsilon=1e-3))
    y = normalization(b, conv(b, y, 6, 6, pads=[1, 1, 1, 1]), 6)
    b.output(b.node("Relu", b.node("Add", y, x)))


@case
def batchnorm_matrix(b):
    b.opset = 15
    b.output(normalization(b, b.input("input", b.normal(5, 7)), 7, epsilon=1e-4, momentum=0.8))


@case
def inverted_residual(b):
    x = b.image(4)
    y = normalization(b, conv(b, x, 4, 16, kernel=(1, 1), bias=False), 16)
    low, high = b.weight(np.float32(0)), b.weight(np.float32(6))
    y = b.node("Clip", y, low, high)
    y = b.node("Clip", normalization(b, conv(b, y, 16, 16, groups=16, pads=[1] * 4, bias=False), 16), low, high)
    y = normalization(b, conv(b, y, 16, 4, kernel=(1, 1), bias=False), 4)
    y = b.node("GlobalAveragePool", b.node("Add", x, y))
    b.output(b.node("Flatten", y))


@case
def concat_branches(b):
    x = b.image(4)
    branches = [conv(b, x, 4, 3, kernel=(1, 1)), conv(b, x, 4, 5, pads=[1] * 4),
                b.node("AveragePool", x, kernel_shape=[3, 3], pads=[1] * 4)]
    wide = b.node("Concat", *branches, axis=1)
    b.output(wide, b.node("Concat", wide, wide, axis=-1))


@case
def maxpool_ceil(b):
    x = b.image()
    b.output(b.node("MaxPool", x, kernel_shape=[3, 2], strides=[2, 3], pads=[0, 1, 1, 0], ceil_mode=1))


@case
def maxpool_dilated(b):
    b.output(b.node("MaxPool", b.image(), kernel_shape=[2, 3], dilations=[3, 2], strides=[1, 2]))


@case
def maxpool_same_lower(b):
    b.output(b.node("MaxPool", b.image(), kernel_shape=[2, 3], strides=[2, 2], auto_pad="SAME_LOWER"))


@case
def averagepool_include_pad(b):
    x = b.image()
    b.output(b.node("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 1, 1], count_include_pad=1),
             b.node("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 1, 1]))


@case
def averagepool_ceil_same(b):
    b.opset = 19
    x = b.image()
    b.output(b.node("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
             b.node("AveragePool", x, kernel_shape=[2, 3], strides=[2, 2], auto_pad="SAME_UPPER"))


@case
def global_pools(b):
    x = b.image(5)
    pools = b.node("GlobalAveragePool", x), b.node("GlobalMaxPool", x)
    mean = b.node("ReduceMean", x, axes=[2, 3], keepdims=1)
    b.output(b.node("Concat", *pools, mean, axis=1))


@case
def lenet_small(b):
    x = b.image(1, 12, 12, batch=3)
    y = b.node("MaxPool", b.node("Relu", conv(b, x, 1, 4)), kernel_shape=[2, 2], strides=[2, 2])
    y = b.node("MaxPool", b.node("Relu", conv(b, y, 4, 6, kernel=(2, 2))), kernel_shape=[2, 2], strides=[2, 2])
    y = b.node("Flatten", y, axis=1)
    y = b.node("Relu", b.node("Gemm", y, b.weight(b.normal(9, 24, scale=0.2)), b.weight(b.normal(9)), transB=1))
    b.output(b.node("Gemm", y, b.weight(b.normal(5, 9)), b.weight(b.normal(5)), transB=1))
