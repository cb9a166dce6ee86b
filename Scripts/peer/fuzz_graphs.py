"""Tries every kind of recipe on small random networks, against ONNX Runtime on the original.

Usage: fuzz_graphs.py PARETOP [--seconds 60] [--seed 1] [--keep FOLDER]

For each network: paretop runs it as ONNX Runtime does; channels that are exactly zero are pruned away without a change of
the outputs; every recipe gives finite outputs within its bound, and its export loads in ONNX Runtime and gives what
paretop gives. A recipe that is refused must say why. With --seconds the same seeds run as far as the time allows.
"""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper

from random_graphs import network

ort.set_default_logger_severity(4)
CODES = ["--weight-bits", "8"]
INTEGERS = CODES + ["--activation-bits", "8"]
CHANNELS = ["--prune", "0.5", "--set", "pattern=channels", "--set", "allocation=uniform"]


def settings(*pairs):
    return [part for pair in pairs for part in ("--set", pair)]


# Flags, and how far the outputs may be off, relative to their own size; None where anything finite will do.
RECIPES = [
    ([], 1e-4),
    (CODES, 0.08),
    (CODES + settings("equalization=cross-layer"), 0.12),
    (CODES + settings("equalization=smoothquant"), 0.12),
    (CODES + settings("equalization=awq"), 0.12),
    (CODES + settings("batch-norm=folded"), 0.12),
    (CODES + settings("batch-norm=folded", "equalization=smoothquant"), 0.15),
    (CODES + settings("bias=corrected", "rounding=gptq"), 0.12),
    (CODES + settings("rounding=adaround"), 0.12),
    (CODES + settings("symmetry=asymmetric", "granularity=group-32"), 0.08),
    (CODES + settings("range=entropy"), None),
    (CODES + settings("number-format=float"), 0.4),
    (INTEGERS, 0.3),
    (INTEGERS + settings("equalization=smoothquant", "range=mse"), None),
    (["--weight-bits", "16"], 0.02),
    (["--weight-bits", "4"] + settings("granularity=group-32", "rounding=gptq"), None),
    (["--weight-bits", "1.58"], None),
    (["--weight-bits", "1"], None),
    (["--prune", "0.5"], None),
    (["--prune", "0.5", "--set", "pattern=2:4", "--criterion", "wanda"], None),
    (["--prune", "0.5", "--set", "pattern=4x4", "--criterion", "sparsegpt"], None),
    (CHANNELS, None),
    (CHANNELS + CODES + settings("compensation=mean"), None),
    (CHANNELS + ["--rank", "0.5"] + settings("compensation=batch-norm"), None),
    (["--prune", "0.5"] + settings("pattern=heads"), None),
    (["--prune", "0.5"] + settings("pattern=layers"), None),
    (["--rank", "0.4"], None),
    (["--rank", "0.4", "--set", "factorization=activation-svd"] + CODES, None),
    (["--rank", "0.4", "--set", "factorization=tucker-2", "--prune", "0.3"], None),
    (["--rank", "0.999", "--set", "rank-by=energy", "--set", "factorization=spatial"], 0.3),
]


class Failure(Exception):
    pass


def reference(model, feeds):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"]).run(None, feeds)[0]


def off(expected, found):
    """The error relative to the outputs' size."""
    if found.shape != expected.shape:
        raise Failure(f"shape {found.shape} instead of {expected.shape}")
    if not np.isfinite(found).all():
        raise Failure("outputs are not finite")
    return float(np.abs(expected.astype(np.float64) - found).max() / max(1e-3, np.abs(expected).max()))


class Case:
    def __init__(self, paretop, seed, folder):
        self.paretop, self.seed, self.folder = paretop, seed, folder
        self.zero = seed % 3 == 0
        self.opset = 7 + seed % 17
        self.model, feeds, self.kinds = network(seed, self.opset, self.zero)
        self.feeds = feeds(3, seed)
        self.path = folder / f"{seed}.onnx"
        onnx.save(self.model, self.path)
        np.savez(folder / f"{seed}-in.npz", **self.feeds)
        np.savez(folder / f"{seed}-data.npz", **feeds(16, seed + 1))

    def call(self, verb, *arguments, path=None):
        command = [self.paretop, verb, str(path or self.path), *arguments, "--calibration", str(self.folder / f"{self.seed}-data.npz")]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if ended.returncode not in (0, 1):
            raise Failure(f"{verb} ended with status {ended.returncode}: {ended.stderr.strip()[-300:]}")
        return ended.returncode, ended.stderr.strip()

    def run(self, flags, number, path=None):
        target = self.folder / f"{self.seed}-{number}.npz"
        feeds = str(self.folder / f"{self.seed}-in.npz")
        code, message = self.call("run", "--input", feeds, "--output", str(target), *flags, path=path)
        if code:
            raise Failure(f"run refused: {message[-300:]}")
        with np.load(target) as outputs:
            return outputs[self.model.graph.output[0].name]

    def export(self, flags, number):
        target = self.folder / f"{self.seed}-{number}.onnx"
        code, message = self.call("export", "-o", str(target), "--force", *flags)
        if code:
            if target.exists():
                raise Failure(f"export failed but left a file: {message[-200:]}")
            return None, message
        return target, message

    def check(self, flags, bound, number, expected):
        found = self.run(flags, number)
        error = off(expected, found)
        if bound is not None and error > bound:
            raise Failure(f"off by {error:.2e}, allowed {bound:.0e}")
        target, message = self.export(flags, number)
        if target is None:
            return f"export refused: {message[-160:]}"
        try:
            exported = reference(str(target), self.feeds)
        except Exception as problem:  # ONNX Runtime raises many kinds
            if "NOT_IMPLEMENTED" in str(problem):
                # An operator of this version that ONNX has and this ONNX Runtime has no kernel for.
                return f"export not compared: {str(problem)[-120:]}"
            raise Failure(f"export does not load: {str(problem)[:300]}") from None
        # 8-bit activations may fall on the other side of a rounding.
        close = 0.15 if "--activation-bits" in flags else 0.02 if "16" in flags else 1e-3
        if off(found, exported) > close:
            raise Failure(f"export is off by {off(found, exported):.2e} from what run gives")
        if flags == INTEGERS:
            # What comes with codes keeps them.
            for more in (CODES, INTEGERS, ["--weight-bits", "16"]):
                again = off(self.run([], number, target), self.run(more, number, target))
                if again > 1e-5:
                    raise Failure(f"its export is off by {again:.2e} under {' '.join(more)}")
        return None

    def weights(self, path):
        return sum(numpy_helper.to_array(w).size for w in onnx.load(path).graph.initializer if w.data_type == 1)

    def all(self, deadline):
        """(name, failure or None, note or None) of each recipe."""
        expected = reference(self.model.SerializeToString(), self.feeds)
        recipes = [(CHANNELS, 2e-4)] if self.zero else RECIPES
        for number, (flags, bound) in enumerate(recipes):
            if time.time() > deadline:
                return
            # Every network sees the plain run, and a third of the rest.
            if not self.zero and number and (number + self.seed) % 3:
                continue
            name = f"seed {self.seed}, operator set {self.opset}, {'+'.join(self.kinds)}, {' '.join(flags) or 'as it is'}"
            try:
                note = self.check(flags, bound, number, expected)
                if self.zero and not note:
                    before, after = self.weights(self.path), self.weights(self.folder / f"{self.seed}-{number}.onnx")
                    note = f"kept {after / before:.0%} of its weights" if after > 0.9 * before else None
                yield name, None, note
            except Failure as failure:
                yield name, str(failure), None
            except subprocess.TimeoutExpired:
                yield name, "took longer than two minutes", None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paretop")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="a folder where the networks that failed are left")
    parser.add_argument("--notes", action="store_true", help="also say what was refused, or did not shrink")
    options = parser.parse_args()
    paretop = os.path.abspath(options.paretop)
    deadline = time.time() + options.seconds
    done, networks, failures = 0, 0, []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        folder = pathlib.Path(folder)

        def one(seed):
            return list(Case(paretop, seed, folder).all(deadline))

        seed = options.seed
        while time.time() < deadline:
            batch = range(seed, seed + 4 * os.cpu_count())
            for number, results in zip(batch, pool.map(one, batch)):
                networks += bool(results)
                for name, failure, note in results:
                    done += 1
                    if failure:
                        failures.append(name)
                        print(f"FAILED {name}\n    {failure}", flush=True)
                        if options.keep:
                            os.makedirs(options.keep, exist_ok=True)
                            for path in folder.glob(f"{number}*"):
                                (pathlib.Path(options.keep) / path.name).write_bytes(path.read_bytes())
                    elif note and options.notes:
                        print(f"note {name}\n    {note}", flush=True)
                for path in folder.glob(f"{number}*"):
                    path.unlink()
            seed = batch.stop
    print(f"{done} recipes on {networks} random networks, {len(failures)} failed")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
