"""What every sample model shares: seeds, files, ONNX export, cards and measuring."""

import hashlib
import pathlib
import random
import tomllib
import warnings

import numpy as np
import onnx
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "sample-models"


def seed_everything(seed):
    """Seed Python, NumPy and PyTorch, and hold PyTorch to one thread and deterministic kernels."""
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def folder(name):
    """The folder of the sample model `name`, made if it is missing."""
    path = MODELS / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def save_samples(path, x, y):
    """Write `x` and `y` (as int64) to a deflated npz; NumPy stamps no time, so equal data are equal bytes."""
    np.savez_compressed(path, x=x, y=y.astype(np.int64))


def load_samples(path):
    """The arrays `x` and `y` of an npz written by `save_samples`."""
    with np.load(path) as archive:
        return archive["x"], archive["y"]


def sample_hashes(x):
    """One SHA-256 per sample, over the raw bytes of the sample."""
    return {hashlib.sha256(np.ascontiguousarray(row).tobytes()).hexdigest() for row in x}


def export(module, example, path, opset):
    """Export `module` in evaluation mode to ONNX with a dynamic "batch" and tidy weight names.

    TrainingMode.PRESERVE keeps batch normalization as its own node (the default would fold it into the
    convolution), which is what a graph from a training framework looks like.
    """
    import torch

    module.eval()
    # Folding is safe here: PyTorch warns of it for modules left in training mode.
    warnings.filterwarnings("ignore", message="It is recommended that constant folding")
    torch.onnx.export(
        module, example, str(path), opset_version=opset,
        input_names=["input"], output_names=["logits"],
        dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}},
        training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=True,
    )
    model = onnx.load(str(path))
    name_anonymous_weights(model.graph)
    if any(node.op_type == "Identity" for node in model.graph.node):
        raise SystemExit("the exporter merged equal weights through Identity: the module is not trained")
    model.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))


def name_anonymous_weights(graph):
    """Rename weights such as "onnx::MatMul_123" after the node that uses them: "block0.attn.q.weight"."""
    anonymous = {i.name for i in graph.initializer if "::" in i.name}
    names = {}
    for node in graph.node:
        scope = node.name.strip("/").split("/")[:-1]
        last = "weight" if node.op_type == "MatMul" else node.op_type.lower()
        for value in node.input:
            if value in anonymous:
                names.setdefault(value, ".".join([*scope, last]))
    if len(set(names.values())) != len(names):
        raise SystemExit(f"two weights share a name: {sorted(names.values())}")
    for initializer in graph.initializer:
        initializer.name = names.get(initializer.name, initializer.name)
    for node in graph.node:
        for index, value in enumerate(node.input):
            node.input[index] = names.get(value, value)


def parameter_count(path):
    """Elements of all floating-point initializers: weights, biases, embeddings, batch statistics."""
    floats = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE)
    model = onnx.load(str(path))
    return sum(int(np.prod(i.dims)) for i in model.graph.initializer if i.data_type in floats)


def read_card(directory):
    """The card of a sample model as a dictionary."""
    with open(directory / "card.toml", "rb") as file:
        return tomllib.load(file)


def preprocess(x, card):
    """(x * scale - mean) / std as the card says; integer token ids pass through untouched."""
    spec = card["input"]
    if not {"scale", "mean", "std"} & spec.keys():
        return x
    shape = [1, -1] + [1] * (x.ndim - 2)
    mean = np.asarray(spec.get("mean", [0.0]), np.float32).reshape(shape)
    std = np.asarray(spec.get("std", [1.0]), np.float32).reshape(shape)
    return (x.astype(np.float32) * np.float32(spec.get("scale", 1.0)) - mean) / std


def run(path, x, card, batch=256):
    """The logits of ONNX Runtime (CPU, one thread) for all of `x`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    spec = card["input"]["name"], [card["output"]["name"]]
    parts = [
        session.run(spec[1], {spec[0]: preprocess(x[i:i + batch], card)})[0] for i in range(0, len(x), batch)
    ]
    return np.concatenate(parts)


def correct(logits, y, card):
    """One Boolean per sample: the label is the arg max, or every answer position is (exact match)."""
    if card["task"]["kind"] == "sequence":
        start = card["sequence"]["answer_start"]
        stop = start + card["sequence"]["answer_length"]
        return (logits[:, start:stop].argmax(-1) == y).all(axis=1)
    return logits.argmax(-1) == y


def accuracy(directory, card):
    """Accuracy and sample count on the evaluation data that the card names."""
    x, y = load_samples(directory / card["data"]["evaluation"])
    hits = correct(run(directory / "model.onnx", x, card), y, card)
    return float(hits.mean()), len(hits)


def toml_value(value):
    """`value` (string, Boolean, number or flat list) as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml_value(v) for v in value) + "]"
    return repr(value)


def write_card(directory, card):
    """Measure the model on its evaluation data, add [metrics] to `card` and write card.toml."""
    share, count = accuracy(directory, card)
    card["metrics"] = {
        "evaluation_accuracy": round(share, 6),
        "evaluation_samples": count,
        "parameters": parameter_count(directory / "model.onnx"),
    }
    lines = [f"{key} = {toml_value(v)}" for key, v in card.items() if not isinstance(v, dict)]
    for section, table in card.items():
        if isinstance(table, dict):
            lines += ["", f"[{section}]"] + [f"{key} = {toml_value(v)}" for key, v in table.items()]
    (directory / "card.toml").write_text("\n".join(lines) + "\n")
    print(f"{card['name']}: accuracy {share:.4f} on {count}, {card['metrics']['parameters']} parameters")
