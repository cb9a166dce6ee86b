"""Time how fast large models open: opening.py PARETOP [FOLDER] [--check]

Writes a 500 MB model with external data and a model of 5,000 nodes, then runs `paretop inspect` and the workbench on
each, from memory and from the disk (three times, the best counts), and prints seconds until a layer is shown and the
memory of its own that the process took. The first must show in under a second without ever holding its data twice;
the second in under half a second.
"""

import argparse
import multiprocessing
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh

COPY = 256e6  # bytes: a process that held the weights again would need twice as many
FIRST_LAYER = b"layer0"


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
        nodes += [h.make_node("MatMul", [value, f"w{block}"], [a], name=f"layer{block}"),
                  h.make_node("Add", [a, f"b{block}"], [b]), h.make_node("Sigmoid", [b], [c]),
                  h.make_node("Mul", [b, c], [d]), h.make_node("Add", [d, value], [e])]
        value = e
    save(nodes, weights, path)


def memory(pid):
    """Bytes of its own that a process holds (mapped files not counted), 0 where it has ended."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def inspected(program, path):
    """Seconds until `inspect` has ended, and the most memory seen."""
    start, peak = time.monotonic(), 0
    process = subprocess.Popen([program, "inspect", path], stdout=subprocess.DEVNULL)
    while process.poll() is None:
        peak = max(peak, memory(process.pid))
        time.sleep(0.002)
    if process.returncode:
        sys.exit(f"inspect {path} failed")
    return time.monotonic() - start, peak


def shown(program, path):
    """Seconds until the workbench's first screen names a layer, and the most memory seen until then."""
    start, peak, screen = time.monotonic(), 0, b""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LINES="36", COLUMNS="120")
        os.execv(program, [program, "open", "--no-session", str(path)])
    try:
        termios.tcsetwinsize(terminal, (36, 120))
        while FIRST_LAYER not in screen:
            if select.select([terminal], [], [], 0.002)[0]:
                try:
                    screen += os.read(terminal, 1 << 16)
                except OSError:
                    sys.exit(f"the workbench ended: {screen[-400:]!r}")
            peak = max(peak, memory(pid))
            if time.monotonic() - start > 60:
                sys.exit("no layer on the screen after a minute")
        return time.monotonic() - start, peak
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def uncached(path):
    """Ask the system to forget what it holds of a file, so that it is read from the disk again."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("folder", nargs="?", help="where the models are kept for a next time")
    parser.add_argument("--check", action="store_true", help="exit 1 where a limit is passed")
    arguments = parser.parse_args()
    program, late = os.path.abspath(arguments.program), False
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.folder or temporary)
        folder.mkdir(exist_ok=True)
        for name, make, limit in (("nodes-5000", many, 0.5), ("external-500MB", large, 1.0)):
            path = folder / f"{name}.onnx"
            if not path.exists():
                # In a process of its own, whose memory goes with it.
                maker = multiprocessing.Process(target=make, args=(path,))
                maker.start()
                maker.join()
            for how, function in (("inspect", inspected), ("workbench", shown)):
                for state in ("cached", "from disk"):
                    runs = []
                    for _ in range(3):
                        if state == "from disk":
                            for file in folder.glob(f"{name}.*"):
                                uncached(file)
                        runs.append(function(program, path))
                    seconds, peak = min(run[0] for run in runs), max(run[1] for run in runs)
                    late |= seconds > limit or peak > COPY
                    print(f"{name:15} {how:10} {state:10} {seconds:5.2f} s (limit {limit:.1f}), "
                          f"{peak / 1e6:4.0f} MB of its own (limit {COPY / 1e6:.0f})", flush=True)
    return 1 if late and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
