"""Hold paretop's engine against ONNX Runtime: check_engine.py PARETOP.

Four comparisons, one table: the small models of make_models.py as they are, the sample models in float32 on
evaluation data, the samples compressed and exported (ONNX Runtime on the exported file against paretop's own
run of the recipe), and every exported file against the ONNX checker. Exit 1 if one is out of its bound.

A bound is relative to the largest output. Without 8-bit activations it is 1e-4. With them two engines may
round an activation that lies between two codes to different ones, which later layers carry on: all but one
in a thousand outputs must agree within a step of their own 8-bit grid (1/255 of their range), none be two off.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx

import compare
import run_model

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Scripts" / "samples"))
import common  # noqa: E402

SAMPLES = 256
RECIPES = {
    "prune 90 %": ["--prune", "0.9"],
    "structured 50 %": ["--prune", "0.5", "--set", "pattern=channels,allocation=uniform"],
    "rank 30 %": ["--rank", "0.3"],
    "16 bits": ["--weight-bits", "16"],
    "8 bits": ["--weight-bits", "8"],
    "8 bits asymmetric per tensor": ["--weight-bits", "8", "--symmetry", "asymmetric", "--granularity", "per-tensor"],
    "4 bits": ["--weight-bits", "4"],
    "3 bits": ["--weight-bits", "3"],
    "ternary": ["--weight-bits", "1.58"],
    "binary": ["--weight-bits", "1"],
    "8 bits, activations 8": ["--weight-bits", "8", "--activation-bits", "8"],
    "4 bits, activations 8, percentile": ["--weight-bits", "4", "--activation-bits", "8", "--range",
                                          "percentile-99.9"],
    "5 bits, groups of 32": ["--weight-bits", "5", "--granularity", "group-32"],
    "4 bits, groups of 64, asymmetric": ["--weight-bits", "4", "--granularity", "group-64", "--symmetry", "asymmetric"],
    "bfloat16": ["--weight-bits", "16", "--set", "number-format=wide-float"],
    "fp8 E4M3": ["--weight-bits", "8", "--set", "number-format=float"],
    "MXFP6": ["--weight-bits", "6", "--set", "number-format=mx"],
    "MXINT8": ["--weight-bits", "8", "--set", "number-format=mx-integer"],
    "NF4, groups of 32": ["--weight-bits", "4", "--set", "number-format=normal-float,granularity=group-32"],
    "4 bits, GPTQ": ["--weight-bits", "4", "--set", "rounding=gptq,granularity=group-32"],
    "8 bits, equalized, folded, corrected": ["--weight-bits", "8", "--set", "equalization=cross-layer,batch-norm=folded,bias=corrected"],
    "8 bits, SmoothQuant, activations 8": ["--weight-bits", "8", "--activation-bits", "8", "--set", "equalization=smoothquant"],
    "8 bits, activations 4": ["--weight-bits", "8", "--activation-bits", "4"],
    "prune, 8 bits, rank": ["--prune", "0.5", "--weight-bits", "8", "--rank", "0.5"],
}


class Table:
    """Rows as they come, and whether all were within bounds."""

    def __init__(self):
        self.failed = 0
        self.rows = 0

    def add(self, name, outcome, passed):
        self.rows += 1
        self.failed += not passed
        print(f"{'ok  ' if passed else 'FAIL'}  {name:64} {outcome}", flush=True)


def paretop(program, *arguments):
    """Run paretop; its error text where it fails."""
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    return None if done.returncode == 0 else (done.stderr or done.stdout).strip().splitlines()[-1:]


def worst_error(found, expected):
    """The largest relative error over all outputs."""
    if set(found) != set(expected):
        return np.inf
    return max(compare.error(found[name], expected[name]) for name in expected)


def load(path):
    with np.load(path) as archive:
        return dict(archive)


def check_small(table, program, folder):
    subprocess.run([sys.executable, pathlib.Path(__file__).with_name("make_models.py"), folder], check=True)
    for case in sorted(p for p in folder.iterdir() if p.is_dir()):
        output = folder / "out.npz"
        problem = paretop(program, "run", case / "model.onnx", "--input", case / "inputs.npz", "--output", output)
        error = np.inf if problem else worst_error(load(output), load(case / "expected.npz"))
        table.add(case.name, problem or f"{error:.1e}", error <= 1e-4)


def steps_apart(found, expected, bits):
    """How far two outputs are apart, in steps of a grid over the expected range: the most, and the 99.9th percentile."""
    step = max(float(np.ptp(expected)), 1e-30) / (2**bits - 1)
    apart = np.abs(found - expected) / step
    return float(apart.max()), float(np.quantile(apart, 0.999))


def check_sample(table, program, sample, folder):
    card = common.read_card(sample)
    x, _ = common.load_samples(sample / card["data"]["evaluation"])
    inputs = folder / "inputs.npz"
    np.savez(inputs, **{card["input"]["name"]: common.preprocess(x[:SAMPLES], card)})
    feeds, output = load(inputs), folder / "out.npz"

    problem = paretop(program, "run", sample / "model.onnx", "--input", inputs, "--output", output)
    expected = run_model.run(run_model.session(str(sample / "model.onnx")), feeds)
    error = np.inf if problem else worst_error(load(output), expected)
    table.add(f"{sample.name}: fp32", problem or f"{error:.1e}", error <= 1e-4)

    for name, arguments in RECIPES.items():
        title = f"{sample.name}: {name}"
        exported = folder / "exported.onnx"
        for old in folder.glob("exported*"):
            old.unlink()
        problem = paretop(program, "export", sample, "--output", exported, *arguments) or paretop(
            program, "run", sample, "--input", inputs, "--output", output, "--recipe", folder / "exported.recipe.toml")
        if problem:
            table.add(title, problem, False)
            continue
        onnx.checker.check_model(onnx.load(str(exported)), full_check=True)
        found = load(output)
        # ONNX Runtime's own fusions must accept the file; but its 8-bit kernels saturate on processors without
        # VNNI, so what the file means is what it computes without them.
        expected = run_model.run(run_model.session(str(exported)), feeds)
        if "activations" in name:
            expected = run_model.run(run_model.session(str(exported), optimized=False), feeds)
            # A value halfway between two codes may be rounded either way, and later layers carry that on.
            bits = 4 if "activations 4" in name else 8
            most, common_most = max(steps_apart(found[k], expected[k], bits) for k in expected)
            table.add(title, f"{most:.2f} steps at most, {common_most:.3f} at the 99.9th percentile",
                      most <= 3 and common_most <= 1)
        else:
            error = worst_error(found, expected)
            table.add(title, f"{error:.1e}", error <= 1e-4)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the paretop executable")
    program = str(pathlib.Path(parser.parse_args().program).resolve())
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        check_small(table, program, folder / "small")
        for sample in sorted((ROOT / "sample-models").iterdir()):
            if (sample / "card.toml").exists():
                work = folder / sample.name
                work.mkdir()
                check_sample(table, program, sample, work)
    print(f"{table.rows - table.failed} passed, {table.failed} failed")
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())
