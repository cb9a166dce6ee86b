"""Small random networks as exporters of operator sets 7 to 23 write them: what fuzz_graphs.py tries recipes on.

Every network ends in a layer. With `zero`, the second half of what each layer makes is exactly zero all the way to the
layers that read it, so that removing half of the channels must leave the outputs as they are.
"""

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh


class Network:
    def __init__(self, seed, opset, zero):
        self.rng = np.random.default_rng(seed)
        self.opset, self.zero = opset, zero
        self.nodes, self.constants, self.kinds = [], {}, []

    # Pieces

    def chance(self, share):
        return self.rng.random() < share

    def choose(self, *options):
        return options[self.rng.integers(len(options))]

    def constant(self, value, name="c"):
        name = f"{name}{len(self.constants)}"
        self.constants[name] = np.array(value, order="C")
        return name

    def ints(self, *values):
        return self.constant(np.array(values, np.int64), "n")

    def normal(self, *shape, scale=1.0):
        return (self.rng.standard_normal(shape) * scale).astype(np.float32)

    def node(self, kind, *inputs, outputs=1, **attributes):
        number = len(self.nodes)
        names = [f"v{number}_{i}" if i else f"v{number}" for i in range(outputs)]
        self.nodes.append(h.make_node(kind, list(inputs), names, name=f"{kind.lower()}{number}", **attributes))
        return names[0] if outputs == 1 else names

    def dead(self, value, axis=0, parts=1):
        """Zeroes the second half along an axis, or of each part of it."""
        if self.zero:
            size = value.shape[axis] // parts
            place = [slice(None)] * value.ndim
            place[axis] = [i for i in range(value.shape[axis]) if i % size >= size // 2]
            value[tuple(place)] = 0
        return value

    # Operators whose form depends on the operator set

    def axes(self, kind, x, axes, since, **attributes):
        if self.opset < since:
            return self.node(kind, x, axes=axes, **attributes)
        return self.node(kind, x, self.ints(*axes), **attributes)

    def mean(self, x, axes, keepdims=0):
        return self.axes("ReduceMean", x, axes, 18, keepdims=keepdims)

    def split(self, x, sizes, axis):
        if self.opset < 13:
            return self.node("Split", x, outputs=len(sizes), split=sizes, axis=axis)
        if self.chance(0.5) and len(set(sizes)) == 1:
            extra = {"num_outputs": len(sizes)} if self.opset >= 18 else {}
            return self.node("Split", x, outputs=len(sizes), axis=axis, **extra)
        return self.node("Split", x, self.ints(*sizes), outputs=len(sizes), axis=axis)

    def reshape(self, x, *target, like=None):
        """To a constant target, or to one computed from a shape: `like` gives (value, entry) by place of the target."""
        if not like:
            return self.node("Reshape", x, self.ints(*target))
        parts = []
        for place, entry in enumerate(target):
            if place in like:
                value, index = like[place]
                if self.chance(0.5):
                    part = self.node("Gather", self.node("Shape", value), self.ints(index))
                else:
                    scalar = self.node("Gather", self.node("Shape", value), self.constant(np.int64(index), "i"))
                    part = self.axes("Unsqueeze", scalar, [0], 13)
                parts.append(part)
            else:
                parts.append(self.ints(entry))
        return self.node("Reshape", x, self.node("Concat", *parts, axis=0))

    def activation(self, x):
        kinds = ["Relu", "LeakyRelu", "Tanh", "Clip", "Identity", "Abs"]
        if not self.zero:
            kinds += ["Sigmoid", "Softplus", "HardSigmoid"]
        kinds += ["Silu"] + (["HardSwish"] if self.opset >= 14 else []) + (["Gelu"] if self.opset >= 20 else [])
        kind = self.choose(*kinds)
        if kind == "Silu":
            return self.node("Mul", x, self.node("Sigmoid", x))
        if kind == "Clip":
            if self.opset < 11:
                return self.node("Clip", x, min=0.0, max=6.0)
            return self.node("Clip", x, self.constant(np.float32(0)), self.constant(np.float32(6)))
        return self.node(kind, x)

    # Layers of images [n, c, size, size]

    def conv(self, x, c, out, window=None, group=1, stride=1, bias=None, parts=1):
        window = window or self.choose(1, 3)
        weight = self.normal(out, c // group, window, window, scale=(c // group * window**2) ** -0.5)
        weight = self.dead(weight, parts=parts)
        inputs = [x, self.constant(weight, "w")]
        if self.chance(0.6) if bias is None else bias:
            inputs.append(self.constant(self.dead(self.normal(out, scale=0.3), parts=parts), "b"))
        return self.node("Conv", *inputs, pads=[window // 2] * 4, group=group, strides=[stride] * 2)

    def norm(self, x, c):
        scale = np.ones(c, np.float32) if self.chance(0.3) else np.abs(self.normal(c)) + 0.3
        offset, mean = (self.dead(self.normal(c, scale=0.3)) for _ in range(2))
        variance = np.abs(self.normal(c)) + 0.3
        if self.chance(0.3):  # fresh, its equal constants merged as exporters do
            ones, zeros = self.fresh(c)
            return self.node("BatchNormalization", x, ones, zeros, zeros, ones)
        return self.node("BatchNormalization", x, *(self.constant(v, "p") for v in (scale, offset, mean, variance)))

    def fresh(self, c):
        name = f"fresh{c}"
        self.constants.setdefault(f"{name}ones", np.ones(c, np.float32))
        self.constants.setdefault(f"{name}zeros", np.zeros(c, np.float32))
        return f"{name}ones", f"{name}zeros"

    def image_block(self, x, c, size):
        kind = self.choose("plain", "norm", "depthwise", "grouped", "residual", "concat", "shuffle", "gate", "pool", "pad",
                           "resize", "transposed", "groupnorm", "captured", "halves", "turned", "scaled")
        self.kinds.append(kind)
        if kind == "plain":
            return self.activation(self.conv(x, c, c)), c, size
        if kind == "norm":
            return self.activation(self.norm(self.conv(x, c, c), c)), c, size
        if kind == "depthwise":
            y = self.activation(self.conv(self.conv(x, c, c), c, c, window=3, group=c))
            return self.activation(self.norm(self.conv(y, c, 2 * c, window=1), 2 * c)), 2 * c, size
        if kind == "grouped":
            return self.activation(self.conv(self.activation(self.conv(x, c, c)), c, c, window=3, group=4)), c, size
        if kind == "residual":
            first = self.activation(self.conv(x, c, c))
            second = self.conv(self.activation(self.norm(self.conv(first, c, c), c)), c, c)
            return self.activation(self.node("Add", first, second)), c, size
        if kind == "concat":
            parts = [self.activation(self.conv(x, c, c)) for _ in range(self.choose(2, 3))]
            joined = self.node("Concat", *parts, axis=1)
            return self.activation(self.conv(self.norm_of_parts(joined, c, len(parts)), c * len(parts), c)), c, size
        if kind == "shuffle":
            left, right = self.split(self.activation(self.conv(x, c, 2 * c, parts=2)), [c, c], 1)
            right = self.activation(self.conv(right, c, c))
            joined = self.node("Concat", left, right, axis=1)
            return self.shuffle(joined, 2 * c, size), 2 * c, size
        if kind == "gate":
            y = self.activation(self.conv(x, c, c))
            gate = self.node("Relu", self.conv(self.node("GlobalAveragePool", y), c, 8, window=1))
            return self.node("Mul", y, self.node("Sigmoid", self.conv(gate, 8, c, window=1))), c, size
        if kind == "pool":
            y = self.activation(self.conv(x, c, c))
            pool = self.choose("MaxPool", "AveragePool")
            return self.node(pool, y, kernel_shape=[3, 3], strides=[1, 1], pads=[1] * 4), c, size
        if kind == "pad":
            y = self.activation(self.conv(x, c, c))
            pads = [0, 0, 1, 0, 0, 0, 1, 0]
            y = self.node("Pad", y, pads=pads) if self.opset < 11 else self.node("Pad", y, self.ints(*pads))
            weight = self.dead(self.normal(c, c, 3, 1, scale=(3 * c) ** -0.5))
            return self.node("Conv", y, self.constant(weight, "w")), c, size
        if kind == "resize":
            y = self.activation(self.conv(x, c, c))
            scales = np.array([1, 1, 2, 2], np.float32)
            if self.opset < 9:
                y = self.node("Upsample", y, scales=scales.tolist(), mode="nearest")
            elif self.opset == 9:
                y = self.node("Upsample", y, self.constant(scales), mode="nearest")
            elif self.opset == 10:
                y = self.node("Resize", y, self.constant(scales), mode="nearest")
            elif self.chance(0.5):
                y = self.node("Resize", y, self.constant(np.zeros(0, np.float32)), self.constant(scales), mode="nearest")
            else:
                front = self.slice(self.node("Shape", y), [0], [2], [0])
                sizes = self.node("Concat", front, self.ints(2 * size, 2 * size), axis=0)
                empty = self.constant(np.zeros(0, np.float32))
                y = self.node("Resize", y, empty, empty, sizes, mode="nearest")
            return self.activation(self.conv(y, c, c, window=3, stride=2)), c, size
        if kind == "transposed":
            y = self.activation(self.conv(x, c, c))
            weight = self.dead(self.normal(c, c, 2, 2, scale=(2 * c) ** -0.5), axis=1)
            y = self.activation(self.node("ConvTranspose", y, self.constant(weight, "w"), strides=[2, 2]))
            return self.activation(self.conv(y, c, c, window=3, stride=2)), c, size
        if kind == "groupnorm":
            y = self.conv(x, c, c)
            groups = 4
            apart = self.reshape(y, 0, groups, -1)
            ones, zeros = self.fresh(groups)
            y2 = self.node("InstanceNormalization", apart, ones, zeros)
            if self.chance(0.5):
                y2 = self.node("Reshape", y2, self.node("Shape", y))
            else:
                y2 = self.reshape(y2, -1, c, size, size)
            scale = self.constant(np.abs(self.normal(c, 1, 1)) + 0.3)
            offset = self.constant(self.dead(self.normal(c, 1, 1)))
            return self.activation(self.node("Add", self.node("Mul", y2, scale), offset)), c, size
        if kind == "captured":
            y = self.conv(x, c, c)
            y2 = self.activation(self.norm(y, c)) if self.chance(0.5) else self.node("Relu", y)
            read = self.choose(y, y2)
            z = self.conv(y2, c, c)
            shape = ["n", c, size, size]
            branches = {}
            for name, body in (("then_branch", "Identity"), ("else_branch", "Neg")):
                out = f"{name}{len(self.nodes)}"
                graph = h.make_graph([h.make_node(body, [read], [out])], out, [], [h.make_tensor_value_info(out, T.FLOAT, shape)])
                branches[name] = graph
            yes = self.constant(np.array(self.chance(0.5)), "yes")
            return self.node("Add", z, self.node("If", yes, **branches)), c, size
        if kind == "halves":  # a gated unit
            left, right = self.split(self.conv(x, c, 2 * c), [c, c], 1)
            if self.zero:  # the second half of the layer is all of the gate
                return self.activation(self.conv(self.node("Mul", left, self.node("Tanh", right)), c, c)), c, size
            return self.node("Mul", left, self.node("Sigmoid", right)), c, size
        if kind == "turned":  # channels last, and a product of it
            y = self.node("Transpose", self.activation(self.conv(x, c, c)), perm=[0, 2, 3, 1])
            y = self.activation(self.product(y, c, c))
            return self.node("Transpose", y, perm=[0, 3, 1, 2]), c, size
        y = self.conv(x, c, c)  # scaled: by a number computed from the shape
        count = self.node("Cast", self.node("Gather", self.node("Shape", y), self.constant(np.int64(1), "i")), to=T.FLOAT)
        if self.chance(0.5):
            count = self.node("Sqrt", count)
        if self.chance(0.3):
            count = self.node("Sqrt", self.node("Cast", self.node("Size", y), to=T.FLOAT))
        return self.activation(self.node("Div", y, count)), c, size

    def norm_of_parts(self, x, c, count):
        """A batch normalization behind a Concat: zero where its parts are."""
        if self.chance(0.5):
            return x
        parts = lambda: np.concatenate([self.dead(self.normal(c, scale=0.3)) for _ in range(count)])
        scale, variance = (np.abs(self.normal(c * count)) + 0.3 for _ in range(2))
        return self.node("BatchNormalization", x, *(self.constant(v, "p") for v in (scale, parts(), parts(), variance)))

    def slice(self, x, starts, ends, axes):
        if self.opset < 10:
            return self.node("Slice", x, starts=starts, ends=ends, axes=axes)
        return self.node("Slice", x, self.ints(*starts), self.ints(*ends), self.ints(*axes))

    def shuffle(self, x, c, size):
        like = {0: (x, 0)} if self.chance(0.5) else None
        first = -1 if not like else 0
        y = self.reshape(x, first, 2, c // 2, size, size, like=like)
        y = self.node("Transpose", y, perm=[0, 2, 1, 3, 4])
        return self.reshape(y, first, c, size, size, like=like)

    # Layers of sequences [n, length, d]

    def product(self, x, c, out, bias=None):
        weight = self.dead(self.normal(c, out, scale=c**-0.5), axis=1)
        y = self.node("MatMul", x, self.constant(weight, "w"))
        if self.chance(0.6) if bias is None else bias:
            y = self.node("Add", y, self.constant(self.dead(self.normal(out, scale=0.3)), "b"))
        return y

    def sequence_block(self, x, d, length):
        kind = self.choose("mlp", "attention", "heads", "recurrent", "normed", "qkv")
        self.kinds.append(kind)
        if kind == "mlp":
            return self.node("Add", x, self.product(self.activation(self.product(x, d, 2 * d)), 2 * d, d))
        if kind == "attention":  # one head; the root of its size computed
            q, k, v = (self.product(x, d, d) for _ in range(3))
            scores = self.node("MatMul", q, self.node("Transpose", k, perm=[0, 2, 1]))
            count = self.node("Gather", self.node("Shape", q), self.constant(np.int64(2), "i"))
            scores = self.node("Div", scores, self.node("Sqrt", self.node("Cast", count, to=T.FLOAT)))
            return self.product(self.node("MatMul", self.node("Softmax", scores, axis=2), v), d, d)
        if kind in ("heads", "qkv"):
            heads, own = 4, d // 4
            if kind == "qkv":
                parts = self.split(self.product(x, d, 3 * d), [d] * 3, 2)
            else:
                parts = [self.product(x, d, d) for _ in range(3)]
            like = {0: (x, 0), 1: (x, 1)} if self.chance(0.5) else None
            q, k, v = (self.node("Transpose", self.reshape(p, 0, 0, heads, own, like=like), perm=[0, 2, 1, 3]) for p in parts)
            scores = self.node("MatMul", q, self.node("Transpose", k, perm=[0, 1, 3, 2]))
            scores = self.node("Mul", scores, self.constant(np.float32(own**-0.5)))
            mixed = self.node("Transpose", self.node("MatMul", self.node("Softmax", scores, axis=3), v), perm=[0, 2, 1, 3])
            mixed = self.reshape(mixed, 0, 0, d, like=like) if self.chance(0.5) else self.reshape(mixed, 0, 0, -1)
            return self.node("Add", x, self.product(mixed, d, d))
        if kind == "recurrent":
            gates, name = self.choose((4, "LSTM"), (3, "GRU"), (1, "RNN"))
            hidden = d
            per_gate = lambda *shape: np.concatenate([self.dead(self.normal(hidden, *shape, scale=d**-0.5)) for _ in range(gates)])
            w, r = per_gate(d)[None], per_gate(hidden)[None]
            b = np.concatenate([per_gate(), per_gate()])[None]
            t = self.node("Transpose", x, perm=[1, 0, 2])
            extra = {"linear_before_reset": 1} if name == "GRU" and self.chance(0.5) else {}
            y = self.node(name, t, *(self.constant(v, "w") for v in (w, r, b)), hidden_size=hidden, **extra)
            return self.node("Transpose", self.axes("Squeeze", y, [1], 13), perm=[1, 0, 2])
        if kind == "normed" and self.opset >= 17 and not self.zero:
            y = self.node("LayerNormalization", x, self.constant(np.abs(self.normal(d)) + 0.3), self.constant(self.normal(d)))
            return self.product(self.activation(self.product(y, d, 2 * d)), 2 * d, d)
        return self.activation(self.product(x, d, d))

    # Layers of rows [n, d]

    def dense(self, x, d, out, is_last=False):
        trans_b = int(self.chance(0.5))
        weight = self.dead(self.normal(d, out, scale=d**-0.5), axis=1) if not is_last else self.normal(d, out, scale=d**-0.5)
        inputs = [x, self.constant(weight.T if trans_b else weight, "w")]
        attributes = {}
        if self.chance(0.4):
            attributes = dict(alpha=float(self.choose(0.5, 2.0)), beta=float(self.choose(0.5, 3.0)))
        shape = self.choose((out,), (1, out), None) if self.zero else self.choose((out,), (1, out), (1,), (), None)
        if shape is None and self.opset < 11:
            shape = (out,)
        if shape is not None:
            bias = self.normal(*shape, scale=0.3)
            inputs.append(self.constant(bias if is_last else self.dead(bias, axis=bias.ndim - 1) if bias.ndim else bias, "b"))
        return self.node("Gemm", *inputs, transB=trans_b, **attributes)

    def rows(self, x, d):
        for _ in range(self.choose(0, 1, 2)):
            out = self.choose(16, 24)
            x, d = self.activation(self.dense(x, d, out)), out
            self.kinds.append("dense")
        return self.dense(x, d, 6, is_last=True)


def network(seed, opset, zero=False):
    """A model, a function batch -> feeds, and the kinds of its blocks."""
    net = Network(seed, opset, zero)
    if net.chance(0.6):
        size, c = 6, 16
        given = ("x", [3, size, size])
        x = net.activation(net.conv("x", 3, c))
        for _ in range(net.choose(1, 2, 3)):
            x, c, size = net.image_block(x, c, size)
        if net.chance(0.5):
            x = net.node("GlobalAveragePool", x)
            x, d = net.node("Flatten", x), c
        else:
            x, d = net.node("Flatten", x) if net.chance(0.5) else net.reshape(x, -1, c * size * size), c * size * size
    else:
        length, d = 5, 16
        given = ("x", [length, d])
        x = net.product("x", d, d)
        for _ in range(net.choose(1, 2, 3)):
            x = net.sequence_block(x, d, length)
        x = net.mean(x, [1])
    out = net.rows(x, d)
    graph = h.make_graph(
        net.nodes, "random", [h.make_tensor_value_info(given[0], T.FLOAT, ["n", *given[1]])],
        [h.make_tensor_value_info(out, T.FLOAT, ["n", 6])], [nh.from_array(v, k) for k, v in net.constants.items()])
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", opset)])
    model.ir_version = 4 if opset < 10 else 8 if opset < 21 else 10
    onnx.checker.check_model(model)
    feeds = lambda batch, other: {"x": np.random.default_rng(other).standard_normal((batch, *given[1])).astype(np.float32)}
    return model, feeds, net.kinds
