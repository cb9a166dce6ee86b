"""Compare two npz files array by array: compare.py A.npz B.npz [--rtol 1e-4]; exit 1 if they differ.

The error of an array is max |a - b| / max |b| over its finite elements (max |a - b| where b is all zero), so B
is the reference. Infinities and NaN must stand in the same places. Missing arrays and other shapes are errors.
"""

import argparse
import sys

import numpy as np


def error(a, b):
    """The relative error of `a` against `b`, infinite where shapes or non-finite elements disagree."""
    if a.shape != b.shape:
        return np.inf
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    finite = np.isfinite(b)
    if not np.array_equal(finite, np.isfinite(a)) or not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return np.inf
    if not finite.any():
        return 0.0
    scale = np.abs(b[finite]).max()
    return float(np.abs(a[finite] - b[finite]).max() / (scale if scale > 0 else 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("a")
    parser.add_argument("b", help="the reference")
    parser.add_argument("--rtol", type=float, default=1e-4)
    arguments = parser.parse_args()
    failed = False
    with np.load(arguments.a) as a, np.load(arguments.b) as b:
        for name in sorted(a.files + [n for n in b.files if n not in a.files]):
            if name not in a.files or name not in b.files:
                print(f"{name}: only in {arguments.a if name in a.files else arguments.b}")
                failed = True
                continue
            worst = error(a[name], b[name])
            shapes = "" if a[name].shape == b[name].shape else f", shapes {a[name].shape} and {b[name].shape}"
            print(f"{name}: max relative error {worst:.3e}{shapes}")
            failed |= not worst <= arguments.rtol
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
