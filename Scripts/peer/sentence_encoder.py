"""The sentence encoder all-MiniLM-L6-v2 as an ONNX graph, from its weights in safetensors."""

import json
import struct

import numpy as np
from onnx import TensorProto as T
from onnx import helper as h

from exported_cases import build, info, init

LAYERS, HEADS, WIDTH = 6, 12, 384


def tensors(path):
    """Float arrays of a safetensors file, by name."""
    content = path.read_bytes()
    length, = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    data = content[8 + length:]
    return {name: np.frombuffer(data[slice(*entry["data_offsets"])], np.float32).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__" and entry["dtype"] == "F32"}


def sentence_encoder(path):
    """[N, T] tokens, mask and segments -> the tokens' states [N, T, 384], as exporters write BERT at operator set 17."""
    weights = tensors(path)
    nodes, constants = [], {}

    def constant(name, value):
        constants[name] = init(name, np.ascontiguousarray(value))
        return name

    def node(kind, inputs, name, **attributes):
        nodes.append(h.make_node(kind, inputs, [name + "_output"], name=name, **attributes))
        return name + "_output"

    def linear(value, name):
        product = node("MatMul", [value, constant(name + ".weight", weights[name + ".weight"].T)], f"/{name}/MatMul")
        return node("Add", [constant(name + ".bias", weights[name + ".bias"]), product], f"/{name}/Add")

    def norm(value, name):
        return node("LayerNormalization", [value, constant(name + ".weight", weights[name + ".weight"]),
                                           constant(name + ".bias", weights[name + ".bias"])], f"/{name}/Norm",
                    axis=-1, epsilon=1e-12)

    def heads(value, name, order):
        shape = constant("heads", np.array([0, 0, HEADS, WIDTH // HEADS], np.int64))
        return node("Transpose", [node("Reshape", [value, shape], f"/{name}/Reshape")], f"/{name}/Transpose", perm=order)

    def embedding(kind, index):
        name = f"embeddings.{kind}_embeddings"
        return node("Gather", [constant(name + ".weight", weights[name + ".weight"]), index], f"/{name}/Gather", axis=0)

    zero, one = constant("zero", np.array([0], np.int64)), constant("one", np.array([1], np.int64))
    length = node("Slice", [node("Shape", ["input_ids"], "/Shape"), one, constant("two", np.array([2], np.int64))], "/Slice")
    places = node("Slice", [constant("embeddings.position_ids", np.arange(512)[None]), zero, length, one], "/Slice_1")
    state = node("Add", [embedding("word", "input_ids"), embedding("token_type", "token_type_ids")], "/Add")
    state = norm(node("Add", [state, embedding("position", places)], "/Add_1"), "embeddings.LayerNorm")
    mask = node("Cast", [node("Unsqueeze", ["attention_mask", constant("axes", np.array([1, 2], np.int64))], "/Unsqueeze")],
                "/Cast", to=T.FLOAT)
    mask = node("Mul", [node("Sub", [constant("unit", np.array(1, np.float32)), mask], "/Sub"),
                        constant("lowest", np.array(-1e4, np.float32))], "/Mul")
    for layer in range(LAYERS):
        base = f"encoder.layer.{layer}"
        own = f"{base}.attention.self"
        query = heads(linear(state, own + ".query"), own + ".query", [0, 2, 1, 3])
        key = heads(linear(state, own + ".key"), own + ".key", [0, 2, 3, 1])
        value = heads(linear(state, own + ".value"), own + ".value", [0, 2, 1, 3])
        scores = node("Div", [node("MatMul", [query, key], f"/{own}/MatMul"),
                              constant("root", np.array((WIDTH / HEADS) ** 0.5, np.float32))], f"/{own}/Div")
        shares = node("Softmax", [node("Add", [scores, mask], f"/{own}/Add")], f"/{own}/Softmax", axis=-1)
        mixed = node("Transpose", [node("MatMul", [shares, value], f"/{own}/MatMul_1")], f"/{own}/Transpose", perm=[0, 2, 1, 3])
        joined = node("Reshape", [mixed, constant("joined", np.array([0, 0, WIDTH], np.int64))], f"/{own}/Reshape")
        added = node("Add", [linear(joined, base + ".attention.output.dense"), state], f"/{base}/Add")
        state = norm(added, base + ".attention.output.LayerNorm")
        wide = linear(state, base + ".intermediate.dense")
        error = node("Erf", [node("Div", [wide, constant("sqrt2", np.array(2 ** 0.5, np.float32))], f"/{base}/Div")], f"/{base}/Erf")
        gate = node("Mul", [wide, node("Add", [error, "unit"], f"/{base}/Add_1")], f"/{base}/Mul")
        gelu = node("Mul", [gate, constant("half", np.array(0.5, np.float32))], f"/{base}/Mul_1")
        state = norm(node("Add", [linear(gelu, base + ".output.dense"), state], f"/{base}/Add_2"), base + ".output.LayerNorm")
    nodes.append(h.make_node("Identity", [state], ["last_hidden_state"]))
    tokens = [info(name, ["batch", "length"], T.INT64) for name in ("input_ids", "attention_mask", "token_type_ids")]
    return build(nodes, tokens, [info("last_hidden_state", ["batch", "length", WIDTH])], list(constants.values()), 17)
