"""Run models as people export them through paretop and ONNX Runtime: exported_models.py PARETOP [--torch] [NAME...]

Without --torch: graphs in the style of PyTorch, tf2onnx (NHWC in transposes) and CNTK, control flow, recurrent nodes,
Einsum, functions, scikit-learn's pipelines, and what ONNX Runtime's optimizer and quantizers write. With --torch:
untrained models through PyTorch's two exporters. Each is run as it is and, where it has layers, at 8 bits (which must
come close to the original, whatever the weights' form). Exit 1 where one fails.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort

import compare
import exported_sklearn  # noqa: F401 (for its models)
from exported_cases import MODELS


def plain(value):
    """An array: the maps that ZipMap gives become rows, as paretop reads them."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return np.array([list(row.values()) for row in value], np.float32)
    return np.asarray(value)


def distance(found, expected):
    """As compare.error; texts must be equal."""
    if expected.dtype.kind in "OUS":
        return 0.0 if np.array_equal(found.astype(str), expected.astype(str)) else np.inf
    return compare.error(found, expected)


def check(program, case, path, feeds, bound, folder):
    """Sentence and whether it passed."""
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    expected = {n: plain(value) for n, value in zip(names, session.run(names, feeds))}
    np.savez(folder / "in.npz", **feeds)

    def run(*arguments):
        done = subprocess.run([program, "run", path, "--input", folder / "in.npz", "--output", folder / "out.npz",
                               *arguments], capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1])
        with np.load(folder / "out.npz") as archive:
            return dict(archive)

    try:
        found = run()
        worst = max((distance(found[n], expected[n]) if n in found else np.inf) for n in names)
        if worst > bound:
            return f"error {worst:.1e}, bound {bound:.0e}", False
        done = subprocess.run([program, "inspect", path], capture_output=True, text=True, timeout=300)
        if done.returncode:
            return (done.stderr or done.stdout).strip().splitlines()[-1], False
        small = run("--weight-bits", "8")
        shapes = all(n in small and (small[n].shape == expected[n].shape or "nms" in case or "detector" in case)
                     for n in names)
        finite = all(np.isfinite(small[n]).all() == np.isfinite(expected[n]).all() for n in names
                     if n in small and expected[n].dtype.kind not in "OUS")
        return f"error {worst:.1e}; runs at 8 bits", shapes and finite
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return str(error)[:300], False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--torch", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_intermixed_args()
    failed = passed = lacking = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def cases():
            if arguments.torch:
                import exported_torch
                for case, path, feeds in exported_torch.from_torch(folder, arguments.names):
                    yield case, path, feeds, 1e-3
                return
            for case, function in MODELS.items():
                if arguments.names and case not in arguments.names:
                    continue
                built, feeds, *bound = function()
                path = folder / f"{case}.onnx"
                onnx.save(built, path)
                yield case, path, feeds, bound[0] if bound else 1e-4

        for case, path, feeds, bound in cases():
            outcome, good = check(arguments.program, case, path, feeds, bound, folder)
            # An operator that is not there yet is told of, but is no wrong answer.
            lacks = not good and "which is not supported" in outcome
            passed, lacking, failed = passed + good, lacking + lacks, failed + (not good and not lacks)
            print(f"{'ok  ' if good else 'lack' if lacks else 'FAIL'}  {case:44} {outcome}", flush=True)
    print(json.dumps({"passed": passed, "lacking an operator": lacking, "failed": failed}))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
