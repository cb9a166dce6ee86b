"""A few lines to build a small ONNX model with named nodes, and the registry of cases."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# The intermediate-representation version that exporters of an opset's time wrote.
IR_VERSIONS = {7: 3, 8: 3, 9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10}

CASES = {}


def case(function):
    """Register a function (builder) -> None as a model of the function's name."""
    CASES[function.__name__] = function
    return function


class Builder:
    """Collects nodes, weights and inputs; `rng` is seeded by the case's name."""

    def __init__(self, rng, name):
        self.rng, self.name, self.opset = rng, name, 13
        self.nodes, self.initializers, self.inputs, self.outputs, self.feeds = [], [], [], [], {}
        self.initializers_are_inputs = False
        self.external = None  # a file name: where weights go instead of the model

    def normal(self, *shape, scale=1.0):
        """Normal float32 values."""
        return (self.rng.standard_normal(shape) * scale).astype(np.float32)

    def input(self, name, value, dims=None):
        """A graph input with the value it is run on; a float input's first axis is the dynamic "batch"."""
        value = np.asarray(value)
        dims = dims or ["batch", *value.shape[1:]]
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        self.inputs.append(helper.make_tensor_value_info(name, kind, dims))
        self.feeds[name] = value
        return name

    def image(self, channels=3, height=9, width=8, batch=2):
        """The usual input: normal values in NCHW, named "input"."""
        return self.input("input", self.normal(batch, channels, height, width))

    def weight(self, value, name=None):
        """An initializer from an array (raw bytes) or a ready TensorProto."""
        if not isinstance(value, TensorProto):
            value = numpy_helper.from_array(np.asarray(value), name or f"weight{len(self.initializers)}")
        self.initializers.append(value)
        return value.name

    def ints(self, *values):
        """An int64 vector initializer, as shapes and axes are."""
        return self.weight(np.asarray(values, np.int64))

    def node(self, operator, *inputs, outputs=1, **attributes):
        """A node; its output's name, or the list of names if there are several."""
        index = len(self.nodes)
        names = [f"{operator.lower()}{index}" + (f"_{i}" if outputs > 1 else "") for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, name=f"/{operator}_{index}", **attributes))
        return names if outputs > 1 else names[0]

    def output(self, *names, kind=TensorProto.FLOAT, dims=None):
        """Graph outputs; their shapes are inferred unless given."""
        self.outputs += [helper.make_tensor_value_info(name, kind, dims) for name in names]

    def model(self):
        """The checked model."""
        inputs = list(self.inputs)
        if self.initializers_are_inputs:
            inputs += [helper.make_tensor_value_info(i.name, i.data_type, i.dims) for i in self.initializers]
        graph = helper.make_graph(self.nodes, self.name, inputs, self.outputs, self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)],
                                  ir_version=IR_VERSIONS[self.opset], producer_name="paretop-peer")
        model = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        del model.graph.value_info[:]  # readers must infer shapes themselves
        onnx.checker.check_model(model, full_check=True)
        return model
