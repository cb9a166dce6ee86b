"""Write small seeded ONNX models, each with inputs and ONNX Runtime's outputs: make_models.py OUTDIR [NAME...].

For each case: OUTDIR/NAME/model.onnx, inputs.npz and expected.npz, arrays under the model's own names. Sessions
run without graph optimizations, so that the outputs are those of the graph as written.
"""

import argparse
import pathlib
import sys
import zlib

import numpy as np
import onnx

import cases_conv  # noqa: F401  (importing a module of cases registers them)
import cases_dense  # noqa: F401
import cases_formats  # noqa: F401
import cases_shape  # noqa: F401
import run_model
from model_builder import CASES, Builder


def write(directory, name, seed):
    """Build, save and run one case."""
    builder = Builder(np.random.default_rng([seed, zlib.crc32(name.encode())]), name)
    CASES[name](builder)
    model = builder.model()
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "model.onnx"
    if builder.external:
        (directory / builder.external).unlink(missing_ok=True)
        onnx.save(model, str(path), save_as_external_data=True, location=builder.external, size_threshold=64)
    else:
        onnx.save(model, str(path))
    expected = run_model.run(run_model.session(str(path), optimized=False), builder.feeds)
    if any(not np.isfinite(v).all() for v in expected.values() if v.dtype.kind == "f"):
        raise SystemExit(f"{name}: an expected output is not finite")
    np.savez(directory / "inputs.npz", **builder.feeds)
    np.savez(directory / "expected.npz", **expected)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("names", nargs="*", help="cases; all by default")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - CASES.keys())
    if unknown:
        raise SystemExit(f"no case {', '.join(unknown)}; choose among: {', '.join(sorted(CASES))}")
    for name in arguments.names or sorted(CASES):
        write(arguments.directory / name, name, arguments.seed)
    print(f"{len(arguments.names or CASES)} models in {arguments.directory}")


if __name__ == "__main__":
    sys.exit(main())
