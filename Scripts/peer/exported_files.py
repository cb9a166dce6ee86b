"""Write models compressed in many ways, and run the files in ONNX Runtime: exported_files.py PARETOP [--long] [NAME...]

Models of exported_cases.py, and small layers of operator sets 7 to 23 in float32 and float16, each exported under several
recipes. Each file has to pass onnx.checker with shapes, load in ONNX Runtime with and without its optimizer, give what
`paretop run` gives under the same recipe, and be as large as `export` said; a refusal has to leave nothing behind. Without
--long every recipe meets a part of the models. Exit 1 where one fails.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T
from onnx import helper as h

import exported_sklearn  # noqa: F401 (for its models)
from exported_cases import MODELS, build, info, init, normal
from exported_models import distance, plain

RECIPES = [
    ["--weight-bits", "8"],
    ["--weight-bits", "4"],
    ["--weight-bits", "4", "--granularity", "group-32", "--opset", "21"],
    ["--weight-bits", "4", "--granularity", "group-32", "--opset", "13"],
    ["--weight-bits", "16"],
    ["--weight-bits", "16", "--set", "number-format=wide-float"],
    ["--weight-bits", "4", "--set", "number-format=normal-float"],
    ["--weight-bits", "8", "--activation-bits", "8"],
    ["--weight-bits", "8", "--opset", "19"],
    ["--rank", "0.4"],
    ["--rank", "0.4", "--set", "residual=0.1"],
    ["--prune", "0.5"],
    ["--prune", "0.5", "--criterion", "sparsegpt"],
    ["--prune", "0.5", "--set", "pattern=channels"],
    ["--weight-bits", "4", "--set", "rounding=gptq"],
    ["--weight-bits", "1.58"],
    ["--prune", "0.9", "--format", "onnxruntime"],
    ["--weight-bits", "4", "--format", "portable"],
    ["--weight-bits", "4", "--granularity", "group-32", "--format", "onnxruntime"],
    ["--weight-bits", "8", "--granularity", "group-32", "--symmetry", "asymmetric", "--format", "onnxruntime"],
]


def layer(kind, opset, half):
    """Two layers of a kind in an operator set, with the older forms of operators around them."""
    dtype, element = (np.float16, T.FLOAT16) if half else (np.float32, T.FLOAT)
    def weight(name, *shape):
        return init(name, normal(*shape, scale=0.3).astype(dtype))
    def softmax(value):
        return h.make_node("Softmax", [value], ["y"], name="softmax", axis=1)
    if kind == "gemm":
        nodes = [h.make_node("Gemm", ["x", "w1", "b1"], ["h"], name="fc1", transB=1),
                 h.make_node("Relu", ["h"], ["a"]),
                 h.make_node("Gemm", ["a", "w2", "b2"], ["z"], name="fc2", transB=1), softmax("z")]
        weights = [weight("w1", 48, 40), weight("b1", 48), weight("w2", 10, 48), weight("b2", 10)]
        shape, feed = ["N", 40], (2, 40)
    elif kind == "matmul":
        axes = ([h.make_node("ReduceMean", ["m"], ["r"], name="mean", axes=[1], keepdims=1)] if opset < 18 else
                [h.make_node("ReduceMean", ["m", "axes"], ["r"], name="mean", keepdims=1)])
        nodes = [h.make_node("MatMul", ["x", "w1"], ["m"], name="first"), *axes,
                 h.make_node("Sub", ["m", "r"], ["c"]), h.make_node("Tanh", ["c"], ["t"]),
                 h.make_node("MatMul", ["t", "w2"], ["y"], name="second")]
        weights = [weight("w1", 40, 64), weight("w2", 64, 12)]
        if opset >= 18:
            weights.append(init("axes", np.array([1], np.int64)))
        shape, feed = ["N", 40], (2, 40)
    elif kind == "conv":
        clip = ([h.make_node("Clip", ["h"], ["a"], name="clip", min=0.0, max=6.0)] if opset < 11 else
                [h.make_node("Clip", ["h", "low", "high"], ["a"], name="clip")])
        flat = [h.make_node("Squeeze", ["g"], ["f"], name="squeeze", axes=[2, 3])] if opset < 13 else [
            h.make_node("Squeeze", ["g", "axes"], ["f"], name="squeeze")]
        nodes = [h.make_node("Conv", ["x", "w1", "b1"], ["h"], name="conv1", pads=[1] * 4), *clip,
                 h.make_node("Conv", ["a", "w2"], ["d"], name="conv2"),
                 h.make_node("GlobalAveragePool", ["d"], ["g"]), *flat, softmax("f")]
        weights = [weight("w1", 16, 3, 3, 3), weight("b1", 16), weight("w2", 8, 16, 3, 3)]
        if opset >= 11:
            weights += [init("low", dtype(0)), init("high", dtype(6))]
        if opset >= 13:
            weights.append(init("axes", np.array([2, 3], np.int64)))
        shape, feed = ["N", 3, 8, 8], (2, 3, 8, 8)
    elif kind == "lstm":
        gates = 4
        squeeze = [h.make_node("Squeeze", ["s"], ["y"], name="squeeze", axes=[1])] if opset < 13 else [
            h.make_node("Squeeze", ["s", "axes"], ["y"], name="squeeze")]
        nodes = [h.make_node("LSTM", ["x", "w", "r", "b"], ["s"], name="lstm", hidden_size=16), *squeeze]
        weights = [weight("w", 1, gates * 16, 12), weight("r", 1, gates * 16, 16), weight("b", 1, gates * 32)]
        if opset >= 13:
            weights.append(init("axes", np.array([1], np.int64)))
        shape, feed = [5, "N", 12], (5, 2, 12)
    elif kind == "transposed":
        nodes = [h.make_node("ConvTranspose", ["x", "w1", "b1"], ["h"], name="up", strides=[2, 2]),
                 h.make_node("Relu", ["h"], ["a"]), h.make_node("Conv", ["a", "w2"], ["y"], name="out")]
        weights = [weight("w1", 6, 12, 3, 3), weight("b1", 12), weight("w2", 3, 12, 1, 1)]
        shape, feed = ["N", 6, 5, 5], (2, 6, 5, 5)
    else:
        nodes = [h.make_node("Gather", ["e", "x"], ["h"], name="embed"),
                 h.make_node("MatMul", ["h", "w"], ["k"], name="mid"),
                 h.make_node("Transpose", ["e"], ["t"], perm=[1, 0]),
                 h.make_node("MatMul", ["k", "t"], ["y"], name="head")]
        weights = [weight("e", 30, 32), weight("w", 32, 32)]
        model = build(nodes, [info("x", ["N", 6], T.INT64)], [info("y", ["N", 6, 30], element)], weights, opset)
        return versioned(model, opset), {"x": np.arange(12).reshape(2, 6).astype(np.int64)}
    outputs = {"gemm": ["N", 10], "matmul": ["N", 12], "conv": ["N", 8], "lstm": [5, "N", 16]}
    result = info("y", outputs.get(kind, ["N", 3, 11, 11]), element)
    model = build(nodes, [info("x", shape, element)], [result], weights, opset)
    return versioned(model, opset), {"x": normal(*feed).astype(dtype)}


def versioned(model, opset):
    model.ir_version = 10 if opset > 20 else 8
    return model


def cases(folder, names):
    for name, function in MODELS.items():
        if names and name not in names:
            continue
        built, feeds, *bound = function()
        path = folder / f"{name}.onnx"
        onnx.save(built, path) if not isinstance(built, (str, pathlib.Path)) else path.write_bytes(open(built, "rb").read())
        yield name, path, feeds, bound[0] if bound else 1e-3
    for kind in ("gemm", "matmul", "conv", "lstm", "transposed", "tied"):
        # ONNX Runtime up to 1.23 has no QuantizeLinear of 23, which its own optimizer makes too.
        for opset in (7, 9, 10, 11, 12, 13, 15, 17, 18, 19, 20, 21, 22):
            for half in (False, True):
                name = f"{kind}-{opset}{'-half' if half else ''}"
                if names and name not in names:
                    continue
                path = folder / f"{name}.onnx"
                model, feeds = layer(kind, opset, half)
                onnx.save(model, path)
                yield name, path, feeds, 2e-2 if half else 2e-3


def is_sound(path):
    """Whether onnx.checker passes the original."""
    try:
        onnx.checker.check_model(str(path), full_check=True)
        return True
    except Exception:
        return False


def sessions(path):
    for level in (ort.GraphOptimizationLevel.ORT_DISABLE_ALL, ort.GraphOptimizationLevel.ORT_ENABLE_ALL):
        options = ort.SessionOptions()
        options.log_severity_level = 4
        options.graph_optimization_level = level
        options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", "1")
        yield ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def check(program, path, feeds, recipe, bound, folder, checked, error=distance):
    """Sentence, and whether it passed; None where the recipe is refused in words."""
    out = folder / "out.onnx"
    for file in folder.glob("out.*"):
        file.unlink()
    done = subprocess.run([program, "export", path, *recipe, "-o", out], capture_output=True, text=True, timeout=300)
    if done.returncode:
        left = [f.name for f in folder.glob("out.*")]
        sentence = (done.stderr or done.stdout).strip().splitlines()[-1]
        if left or done.returncode < 0 or "other runtimes refuse" in sentence:
            return f"exit {done.returncode}, left {left}: {sentence}", False
        return sentence, None
    try:
        # Its shape inference takes no sparse initializers, and unchecked originals lack what it wants.
        onnx.checker.check_model(str(out), full_check="onnxruntime" not in recipe) if checked else None
        np.savez(folder / "in.npz", **feeds)
        flags = [part for pair in zip(recipe[::2], recipe[1::2]) if pair[0] not in ("--opset", "--format") for part in pair]
        ran = subprocess.run([program, "run", path, "--input", folder / "in.npz", "--output", folder / "run.npz",
                              *flags], capture_output=True, text=True, timeout=300)
        if ran.returncode:
            return "run: " + (ran.stderr or ran.stdout).strip().splitlines()[-1], False
        worst = 0.0
        with np.load(folder / "run.npz") as archive:
            for session in sessions(out):
                names = [o.name for o in session.get_outputs()]
                for name, value in zip(names, session.run(names, feeds)):
                    if name in archive.files and plain(value).dtype.kind == "f":
                        worst = max(worst, error(archive[name], plain(value)))
        said = re.search(r"onnx  ([\d.]+) (B|KB|MB)", done.stdout)
        scale = {"B": 1, "KB": 1e3, "MB": 1e6}[said[2]]
        size = os.path.getsize(out)
        if abs(float(said[1]) * scale - size) > 0.006 * size + 1:
            return f"said {said[0]}, is {size}", False
        return f"error {worst:.1e}, {size} bytes", worst <= bound
    except Exception as fault:  # whatever the checker or the runtime has against it
        return f"{type(fault).__name__}: {str(fault)[:300]}".replace("\n", " "), False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_intermixed_args()
    program = str(pathlib.Path(arguments.program).resolve())
    counts = {"passed": 0, "refused in words": 0, "failed": 0}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for number, (case, path, feeds, bound) in enumerate(cases(folder, arguments.names)):
            checked = is_sound(path)
            for index, recipe in enumerate(RECIPES):
                if not arguments.long and not arguments.names and (number + index) % len(RECIPES):
                    continue
                # What is random or picks among equals has no one answer.
                loose = "nms" in case or "detection" in case or "random" in case
                # A value between two codes may fall to either.
                limit = np.inf if loose else max(bound, 2e-2) if "--activation-bits" in recipe else bound
                outcome, good = check(program, path, feeds, recipe, limit, folder, checked)
                key = "passed" if good else "refused in words" if good is None else "failed"
                counts[key] += 1
                if not good:
                    print(f"{'FAIL' if good is False else 'no  '}  {case:34} {' '.join(recipe):52} {outcome}", flush=True)
    print(json.dumps(counts))
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    main()
