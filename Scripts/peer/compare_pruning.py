"""Hold paretop's pruning and factorization against PyTorch, NumPy and SciPy: compare_pruning.py PARETOP.

Same model, same calibration data; PyTorch's pruning utilities where it has the method, otherwise a plain NumPy
version written from the paper. One table; exit 1 if a row is out of its bound. Needs torch, scipy and onnx.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import scipy.linalg
import torch
import torch.nn.utils.prune as prune
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Scripts" / "samples"))
import common  # noqa: E402

FC = ["/fc1/Gemm", "/fc2/Gemm", "/fc3/Gemm"]
DAMPING = 0.01


class Bench:
    def __init__(self, program, folder):
        self.program, self.folder, self.failed = program, folder, 0

    def row(self, method, peer, outcome, passed):
        self.failed += not passed
        print(f"{'ok  ' if passed else 'FAIL'}  {method:34} {peer:38} {outcome}", flush=True)

    def export(self, sample, *arguments):
        """The weights of a sample model under a recipe, by name."""
        path = self.folder / "model.onnx"
        subprocess.run([self.program, "export", str(ROOT / "sample-models" / sample), "--force", "--output",
                        str(path), *arguments], check=True, capture_output=True, text=True, timeout=600)
        return weights(onnx.load(str(path)))


def weights(model):
    return {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}


def original(sample):
    return weights(onnx.load(str(ROOT / "sample-models" / sample / "model.onnx")))


def module(weight):
    layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight.data = torch.from_numpy(weight.copy())
    return layer


def digits_inputs(w):
    """What each layer of digits-mlp reads on its calibration data."""
    folder = ROOT / "sample-models" / "digits-mlp"
    card = common.read_card(folder)
    x, _ = common.load_samples(folder / card["data"]["calibration"])
    inputs = [common.preprocess(x, card).reshape(len(x), -1).astype(np.float64)]
    for layer in ("fc1", "fc2"):
        inputs.append(np.maximum(inputs[-1] @ w[f"{layer}.weight"].T + w[f"{layer}.bias"], 0))
    return inputs


def hessian(x):
    h = x.T @ x
    dead = np.diag(h) == 0
    h[dead, dead] = 1
    return h + DAMPING * np.mean(np.diag(h)) * np.eye(len(h)), dead


def output_error(w, new, x):
    return float(np.sum((x @ (w - new).T) ** 2))


def smallest(scores, count):
    """True for the `count` smallest, lower indices first among equals."""
    order = np.argsort(scores, axis=None, kind="stable")[:count]
    mask = np.zeros(scores.size, bool)
    mask[order] = True
    return mask.reshape(scores.shape)


# The methods, from their papers.


def wanda(w, x, ratio):
    scores = np.abs(w) * np.linalg.norm(x, axis=0)
    rows, columns = w.shape
    total = int(np.floor(ratio * w.size + 0.5))
    return np.stack([smallest(scores[r], total * (r + 1) // rows - total * r // rows) for r in range(rows)])


def sparse_gpt(w, x, ratio, nofm=None, width=128):
    w = w.astype(np.float64).copy()
    h, dead = hessian(x)
    u = scipy.linalg.cholesky(np.linalg.inv(h), lower=False)
    gone = np.zeros(w.shape, bool)
    total, columns = int(np.floor(ratio * w.size + 0.5)), w.shape[1]
    removed = 0
    for left in range(0, columns, width):
        right = min(left + width, columns)
        pivots = np.diag(u)[left:right]
        if nofm is None:
            share = int(np.floor(total * right / columns + 0.5)) - removed
            removed += share
            gone[:, left:right] = smallest(np.where(dead[left:right], 0, (w[:, left:right] / pivots) ** 2), share)
        errors = np.zeros((len(w), right - left))
        for j in range(left, right):
            if nofm is not None and j % nofm[1] == 0:
                group = slice(j, min(j + nofm[1], columns))
                scores = (w[:, group] / np.diag(u)[group]) ** 2
                drop = np.argsort(scores, axis=1, kind="stable")[:, :max(0, scores.shape[1] - nofm[0])]
                np.put_along_axis(gone[:, group], drop, True, axis=1)
            error = np.where(gone[:, j], w[:, j] / u[j, j], 0)
            w[:, j:right] -= np.outer(error, u[j, j:right])
            errors[:, j - left] = error
        w[:, right:] -= errors @ u[left:right, right:]
    return np.where(gone, 0, w), gone


def surgeon(w, x, ratio):
    """Optimal Brain Surgeon row by row, the rows' losses compared; what stays solved for anew."""
    h, dead = hessian(x)
    start = np.linalg.inv(h)
    rows, columns = w.shape
    orders, losses = np.zeros((rows, columns), int), np.zeros((rows, columns))
    for r in range(rows):
        inverse, v, alive = start.copy(), w[r].astype(np.float64), np.ones(columns, bool)
        highest = 0.0
        for k in range(columns):
            scores = np.where(dead, 0, v**2 / np.maximum(np.diag(inverse), 1e-30))
            p = int(np.argmin(np.where(alive, scores, np.inf)))
            highest = max(highest, scores[p])
            orders[r, k], losses[r, k] = p, highest
            v -= v[p] / inverse[p, p] * inverse[:, p]
            alive[p] = False
            v[~alive] = 0
            inverse -= np.outer(inverse[:, p], inverse[p]) / inverse[p, p]
            inverse[p, p] = 1
    chosen = smallest(losses, int(np.floor(ratio * w.size + 0.5)))
    new = np.zeros_like(w, dtype=np.float64)
    for r in range(rows):
        kept = np.setdiff1d(np.arange(columns), orders[r][chosen[r]])
        new[r, kept] = np.linalg.solve(h[np.ix_(kept, kept)], h[kept] @ w[r])
    return new


def erk(shapes, ratio):
    sizes = [int(np.prod(s)) for s in shapes]
    total = int(np.floor(ratio * sum(sizes) + 0.5))
    raw = [sum(s) / np.prod(s) for s in shapes]
    dense = set()
    while True:
        weight = sum(raw[i] * sizes[i] for i in range(len(sizes)) if i not in dense)
        scale = (sum(sizes) - total - sum(sizes[i] for i in dense)) / weight
        over = {i for i in range(len(sizes)) if i not in dense and scale * raw[i] > 1}
        if not over:
            return [0.0 if i in dense else sizes[i] * (1 - scale * raw[i]) for i in range(len(sizes))], total
        dense |= over


def hooi(w, rank_out, rank_in, turns=20):
    n, c = w.shape[:2]
    t = w.reshape(n, c, -1).astype(np.float64)
    v = np.linalg.svd(t.transpose(1, 0, 2).reshape(c, -1), full_matrices=False)[0][:, :rank_in]
    for _ in range(turns):
        u = np.linalg.svd(np.einsum("nck,ci->nik", t, v).reshape(n, -1), full_matrices=False)[0][:, :rank_out]
        v = np.linalg.svd(np.einsum("nck,no->cok", t, u).reshape(c, -1), full_matrices=False)[0][:, :rank_in]
    core = np.einsum("nck,no,ci->oik", t, u, v)
    return np.einsum("oik,no,ci->nck", core, u, v)


# The comparisons.


def check_unstructured(bench, w):
    for ratio in (0.3, 0.7, 0.9):
        found = bench.export("digits-mlp", "--prune", str(ratio), "--set", "allocation=uniform")
        same = []
        for name in ("fc1", "fc2", "fc3"):
            layer = module(w[f"{name}.weight"])
            prune.l1_unstructured(layer, "weight", amount=ratio)
            same.append(np.array_equal(layer.weight_mask.numpy() == 0, found[f"{name}.weight"] == 0))
        bench.row(f"magnitude, uniform, {ratio:.0%}", "torch l1_unstructured", f"masks equal: {all(same)}", all(same))
    layers = [module(w[f"{name}.weight"]) for name in ("fc1", "fc2", "fc3")]
    prune.global_unstructured([(layer, "weight") for layer in layers], prune.L1Unstructured, amount=0.8)
    found = bench.export("digits-mlp", "--prune", "0.8")
    same = all(np.array_equal(layer.weight_mask.numpy() == 0, found[f"fc{i + 1}.weight"] == 0)
               for i, layer in enumerate(layers))
    bench.row("magnitude, global, 80%", "torch global_unstructured", f"masks equal: {same}", same)

    layer = module(w["fc1.weight"])
    prune.random_unstructured(layer, "weight", amount=0.6)
    found = bench.export("digits-mlp", "--prune", "0.6", "--set", "criterion=random,allocation=uniform")
    counts = int((layer.weight_mask == 0).sum()), int((found["fc1.weight"] == 0).sum())
    bench.row("random, 60%", "torch random_unstructured", f"counts {counts}", counts[0] == counts[1])

    shapes = [w[f"fc{i}.weight"].shape for i in (1, 2, 3)]
    shares, total = erk(shapes, 0.9)
    found = bench.export("digits-mlp", "--prune", "0.9", "--set", "allocation=erk")
    zeros = [int((found[f"fc{i}.weight"] == 0).sum()) for i in (1, 2, 3)]
    near = all(abs(z - s) < 1 for z, s in zip(zeros, shares)) and sum(zeros) == total
    bench.row("magnitude, erk, 90%", "numpy from the paper", f"zeros {zeros}", near)

    for kept, of in ((2, 4), (1, 4), (4, 8)):
        found = bench.export("digits-mlp", "--prune", "0.5", "--set", f"pattern={kept}:{of}")
        groups = torch.from_numpy(w["fc2.weight"].copy()).abs().reshape(-1, of)
        mask = torch.zeros_like(groups).scatter(1, groups.topk(kept, dim=1).indices, 1).reshape(128, 256)
        same = np.array_equal(mask.numpy() == 0, found["fc2.weight"] == 0)
        bench.row(f"magnitude, {kept}:{of}", "torch topk over groups", f"masks equal: {same}", same)


def check_structured(bench, w):
    for method, norm in (("magnitude", 2), ("l1", 1)):
        layer = module(w["fc1.weight"])
        prune.ln_structured(layer, "weight", amount=0.5, n=norm, dim=0)
        kept = np.flatnonzero(layer.weight_mask.numpy().any(axis=1))
        found = bench.export("digits-mlp", "--layer", f"/fc1/Gemm:prune=0.5,pattern=channels,criterion={method},allocation=uniform")
        same = (np.array_equal(found["fc1.weight"], w["fc1.weight"][kept])
                and np.array_equal(found["fc2.weight"], w["fc2.weight"][:, kept]))
        bench.row(f"channels, L{norm}, 50%", f"torch ln_structured n={norm}", f"same neurons, both layers: {same}", same)
    rows = w["fc1.weight"].astype(np.float64)
    scores = np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(-1)).sum(1)
    kept = np.sort(np.argsort(scores, kind="stable")[128:])
    found = bench.export("digits-mlp", "--layer", "/fc1/Gemm:prune=0.5,pattern=channels,criterion=geometric-median,allocation=uniform")
    same = np.array_equal(found["fc1.weight"], w["fc1.weight"][kept])
    bench.row("channels, geometric median, 50%", "numpy from the paper", f"same neurons: {same}", same)


def check_reconstruction(bench, w, inputs):
    for index in (1, 2):
        weight, x = w[f"fc{index}.weight"], inputs[index - 1]
        layer = f"/fc{index}/Gemm"
        found = bench.export("digits-mlp", "--layer", f"{layer}:prune=0.6,criterion=wanda,allocation=uniform")[f"fc{index}.weight"]
        agreement = np.mean((found == 0) == wanda(weight, x, 0.6))
        bench.row(f"wanda, 60%, fc{index}", "numpy from the paper", f"masks agree {agreement:.2%}", agreement > 0.999)
        for title, setting, nofm in (("60%", "pattern=weights", None), ("2:4", "pattern=2:4", (2, 4))):
            found = bench.export(
                "digits-mlp", "--layer", f"{layer}:prune={0.6 if nofm is None else 0.5},criterion=sparsegpt,allocation=uniform,{setting}"
            )[f"fc{index}.weight"]
            expected, gone = sparse_gpt(weight, x, 0.6, nofm)
            agreement = np.mean((found == 0) == gone)
            errors = output_error(weight, found, x), output_error(weight, expected, x)
            bench.row(f"sparsegpt, {title}, fc{index}", "numpy from the paper",
                      f"masks agree {agreement:.2%}, output error {errors[0]:.4g} and {errors[1]:.4g}",
                      agreement > 0.98 and errors[0] < 1.02 * errors[1])
    found = bench.export("digits-mlp", "--layer", "/fc1/Gemm:prune=0.8,criterion=obs,allocation=uniform")["fc1.weight"]
    expected = surgeon(w["fc1.weight"], inputs[0], 0.8)
    agreement = np.mean((found == 0) == (expected == 0))
    errors = output_error(w["fc1.weight"], found, inputs[0]), output_error(w["fc1.weight"], expected, inputs[0])
    bench.row("obs, 80%, fc1", "numpy, exact greedy", f"masks agree {agreement:.2%}, output error {errors[0]:.4g} and {errors[1]:.4g}",
              agreement > 0.98 and errors[0] < 1.02 * errors[1])


def check_low_rank(bench, w, inputs):
    weight, x = w["fc2.weight"].astype(np.float64), inputs[1]
    for rank in (8, 24):
        found = bench.export("digits-mlp", "--layer", f"/fc2/Gemm:rank={rank / 128}")
        product = found["fc2.weight/rank1"] @ found["fc2.weight/rank0"]
        error, best = np.linalg.norm(weight - product), np.sqrt(np.sum(scipy.linalg.svdvals(weight)[rank:] ** 2))
        bench.row(f"svd, rank {rank}", "scipy svdvals", f"error {error:.5f} and {best:.5f}", abs(error - best) < 1e-4 * best)
        found = bench.export("digits-mlp", "--layer", f"/fc2/Gemm:rank={rank / 128},factorization=activation-svd")
        weighed = found["fc2.weight/rank1"] @ found["fc2.weight/rank0"]
        shift = found["fc2.weight/rank-bias"].astype(np.float64) - w["fc2.bias"]
        # The least possible: the discarded singular values of what the layer gives on the data, about its mean.
        least = np.sum(scipy.linalg.svdvals((x - x.mean(0)) @ weight.T)[rank:] ** 2)
        errors = float(np.sum((x @ (weighed - weight).T + shift) ** 2)), output_error(weight, product, x)
        bench.row(f"activation-svd, rank {rank}", "scipy, least possible",
                  f"output error {errors[0]:.5g}, least {least:.5g}, plain svd {errors[1]:.5g}",
                  errors[0] <= 1.01 * least + 1e-6 and errors[0] <= errors[1])
    lenet = original("glyphs-lenet")["conv2.weight"]
    found = bench.export("glyphs-lenet", "--layer", "/conv2/Conv:rank=0.5,factorization=tucker-2")
    parts = [found[f"conv2.weight/rank{i}"] for i in range(3)]
    whole = np.einsum("no,oikl,ic->nckl", parts[2][:, :, 0, 0], parts[1], parts[0][:, :, 0, 0])
    expected = hooi(lenet, 24, 12).reshape(lenet.shape)
    errors = np.linalg.norm(lenet - whole), np.linalg.norm(lenet - expected)
    bench.row("tucker-2, 24x12 of 48x24", "numpy HOOI", f"error {errors[0]:.5f} and {errors[1]:.5f}", errors[0] < 1.001 * errors[1])
    found = bench.export("glyphs-lenet", "--layer", "/conv2/Conv:rank=0.3,factorization=spatial")
    column, row = found["conv2.weight/rank0"], found["conv2.weight/rank1"]
    whole = np.einsum("rch,nrw->nchw", column[..., 0], row[:, :, 0])
    matrix = lenet.transpose(1, 2, 0, 3).reshape(24 * 5, 48 * 5)
    best = np.sqrt(np.sum(scipy.linalg.svdvals(matrix)[len(column):] ** 2))
    error = np.linalg.norm(lenet - whole)
    bench.row(f"spatial, rank {len(column)}", "scipy svdvals of [CH, NW]", f"error {error:.5f} and {best:.5f}", abs(error - best) < 1e-4 * best)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paretop")
    program = parser.parse_args().paretop
    w = original("digits-mlp")
    inputs = digits_inputs(w)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(program, pathlib.Path(folder))
        check_unstructured(bench, w)
        check_structured(bench, w)
        check_reconstruction(bench, w, inputs)
        check_low_rank(bench, w, inputs)
    sys.exit(bench.failed > 0)


if __name__ == "__main__":
    main()
