"""Time how fast large models open: opening.py PARETOP [FOLDER]

Writes a 500 MB model with external data and a model of 5,000 nodes, then runs `paretop inspect` on each (three times,
the best counts) and prints seconds and peak memory. The first must show in under a second without ever holding its
data twice; the second in under half a second.
"""

import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh


def info(name, shape):
    return h.make_tensor_value_info(name, T.FLOAT, shape)


def save(nodes, weights, path, external=False):
    graph = h.make_graph(nodes, "large", [info("x", [1, 1024])], [info("y", None)], weights)
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)])
    model.ir_version = 8
    if external:
        onnx.save(model, path, save_as_external_data=True, location=path.stem + ".data", size_threshold=1024)
    else:
        onnx.save(model, path)


def large(path):
    """125 layers of 1024 x 1024: 500 MiB."""
    rng = np.random.default_rng(1)
    weight = (rng.standard_normal((1024, 1024)) / 32).astype(np.float32)
    nodes, weights, value = [], [], "x"
    for layer in range(125):
        weights.append(nh.from_array(weight, f"w{layer}"))
        out = "y" if layer == 124 else f"v{layer}"
        nodes.append(h.make_node("MatMul", [value, f"w{layer}"], [out], name=f"layer{layer}"))
        value = out
    save(nodes, weights, path, external=True)


def many(path):
    """5,000 nodes: MatMul, Add, Mul, Sigmoid, Add over and over, with small weights."""
    rng = np.random.default_rng(2)
    nodes = [h.make_node("Slice", ["x", "zero", "end", "one"], ["v"])]
    weights = [nh.from_array(np.array([n]), name) for n, name in ((0, "zero"), (8, "end"), (1, "one"))]
    value = "v"
    for block in range(1000):
        weights.append(nh.from_array(rng.standard_normal((8, 8)).astype(np.float32), f"w{block}"))
        weights.append(nh.from_array(rng.standard_normal(8).astype(np.float32), f"b{block}"))
        a, b, c, d, e = (f"{name}{block}" for name in "acdef")
        e = "y" if block == 999 else e
        nodes += [h.make_node("MatMul", [value, f"w{block}"], [a], name=f"fc{block}"),
                  h.make_node("Add", [a, f"b{block}"], [b]), h.make_node("Sigmoid", [b], [c]),
                  h.make_node("Mul", [b, c], [d]), h.make_node("Add", [d, value], [e])]
        value = e
    save(nodes, weights, path)


def measure(program, path):
    best, before = float("inf"), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    for _ in range(3):
        start = time.monotonic()
        subprocess.run([program, "inspect", path], check=True, stdout=subprocess.DEVNULL)
        best = min(best, time.monotonic() - start)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return best, peak if peak > before else before


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else temporary)
        folder.mkdir(exist_ok=True)
        for name, make, limit in (("nodes-5000", many, 0.5), ("external-500MB", large, 1.0)):
            path = folder / f"{name}.onnx"
            if not path.exists():
                make(path)
            seconds, peak = measure(program, path)
            print(f"{name:16} {seconds:.2f} s (limit {limit:.1f}), peak {peak / 1024:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
