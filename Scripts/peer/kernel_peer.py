"""Does the work of kernel benchmarks with NumPy and SciPy, one call at a time: reads a case's name, answers with seconds.

Started by `paretop-bench kernels Scripts/peer/python kernel_peer.py`, and by `compression`; single-threaded, on the core it inherits.
"""

import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import scipy.linalg  # noqa: E402

COUNT = 100_000_000
ROWS = 10_000
_cache: dict[str, np.ndarray] = {}


def weights() -> np.ndarray:
    """100 million weights in 10 000 channels, made once; seeded."""
    if "weights" not in _cache:
        rng = np.random.default_rng(7)
        values = rng.standard_normal(COUNT // 10, dtype=np.float32)
        _cache["weights"] = np.tile(values, 10).reshape(ROWS, -1)
    return _cache["weights"]


def codes() -> np.ndarray:
    if "codes" not in _cache:
        rng = np.random.default_rng(8)
        _cache["codes"] = np.tile(rng.integers(-8, 8, COUNT // 10, dtype=np.int8), 10)
    return _cache["codes"]


def threshold() -> None:
    """Zeros the 90 % smallest magnitudes: np.partition, then a mask."""
    magnitudes = np.abs(weights().ravel())
    count = COUNT * 9 // 10
    limit = np.partition(magnitudes, count - 1)[count - 1]
    np.where(magnitudes <= limit, np.float32(0), weights().ravel())


def quantize() -> None:
    """Symmetric int8 codes, a scale per channel."""
    w = weights()
    scale = np.abs(w).max(axis=1, keepdims=True) / np.float32(127)
    np.clip(np.rint(w / scale), -127, 127).astype(np.int8)


def pack4() -> None:
    c = codes()
    unsigned = (c + 8).view(np.uint8)
    unsigned[0::2] | (unsigned[1::2] << 4)


def pack_trits() -> None:
    c = codes()[: COUNT // 5 * 5].reshape(-1, 5).clip(-1, 1) + np.int8(1)
    c.astype(np.uint8) @ np.array([1, 3, 9, 27, 81], dtype=np.uint8)


def svd() -> None:
    if "square" not in _cache:
        _cache["square"] = np.random.default_rng(9).standard_normal((1024, 1024), dtype=np.float32)
    scipy.linalg.svd(_cache["square"], full_matrices=False, check_finite=False)


def attention(heads: int, length: int, depth: int) -> None:
    name = f"attention{length}"
    if name not in _cache:
        _cache[name] = np.random.default_rng(10).standard_normal((3, heads, length, depth), dtype=np.float32)
    q, k, v = _cache[name]
    scores = q @ k.transpose(0, 2, 1) * np.float32(depth**-0.5)
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    scores @ v


def softmax(rows: int, columns: int) -> None:
    name = f"softmax{columns}"
    if name not in _cache:
        _cache[name] = np.random.default_rng(11).standard_normal((rows, columns), dtype=np.float32)
    x = _cache[name]
    e = np.exp(x - x.max(axis=1, keepdims=True))
    e / e.sum(axis=1, keepdims=True)


def gelu() -> None:
    if "gelu" not in _cache:
        _cache["gelu"] = np.random.default_rng(12).standard_normal(1 << 16, dtype=np.float32)
    x = _cache["gelu"]
    np.float32(0.5) * x * (1 + np.tanh(np.float32(0.797884561) * (x + np.float32(0.044715) * x**3)))


CASES = {
    "threshold": threshold,
    "quantize": quantize,
    "pack4": pack4,
    "packTrits": pack_trits,
    "svd": svd,
    "attention128": lambda: attention(8, 128, 64),
    "attention1024": lambda: attention(8, 1024, 64),
    "softmax10": lambda: softmax(4096, 10),
    "softmax1024": lambda: softmax(256, 1024),
    "gelu": gelu,
}


def main() -> None:
    warm = set()
    for line in sys.stdin:
        case = CASES.get(line.strip())
        if case is None:
            print("no such case", flush=True)
            continue
        if line not in warm:
            case()
            warm.add(line)
        start = time.thread_time()
        case()
        print(time.thread_time() - start, flush=True)


if __name__ == "__main__":
    main()
