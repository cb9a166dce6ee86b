"""Verify every sample model against its card; print a table and exit 1 if anything is wrong.

Needs only numpy, onnx and onnxruntime. For each folder of sample-models/: the ONNX checker passes, input and
output are named as on the card and the batch is dynamic, calibration and evaluation share no sample, labels
are in range, accuracy, sample count and parameter count are those of the card, and the accuracy reaches the
floor the project promises. All folders together stay within 25 MB.
"""

import sys

import onnx

import common

FLOOR = {"digits-mlp": 0.97, "glyphs-lenet": 0.96, "glyphs-mobile": 0.96, "adder-transformer": 0.98}
LIMIT = 25_000_000
# One sample may tip between ONNX Runtime versions or processors, whose rounding differs.
TIPPED = 2


def faults(directory, card):
    """What is wrong with one sample model, as sentences; and its measured accuracy."""
    found = []
    path = directory / "model.onnx"
    model = onnx.load(str(path))
    onnx.checker.check_model(model, full_check=True)
    values = [(model.graph.input, card["input"]["name"]), (model.graph.output, card["output"]["name"])]
    for infos, name in values:
        if [info.name for info in infos] != [name]:
            found.append(f"expected one value {name}, found {[info.name for info in infos]}")
        if infos[0].type.tensor_type.shape.dim[0].dim_param != "batch":
            found.append(f"{name} has no dynamic dimension named batch")
    if any(not node.name for node in model.graph.node):
        found.append("a node has no name")

    x, y = common.load_samples(directory / card["data"]["evaluation"])
    xc, yc = common.load_samples(directory / card["data"]["calibration"])
    shared = common.sample_hashes(x) & common.sample_hashes(xc)
    if shared:
        found.append(f"calibration and evaluation share {len(shared)} samples")
    for name, labels, samples in (("evaluation", y, x), ("calibration", yc, xc)):
        if len(labels) != len(samples) or labels.min() < 0 or labels.max() >= len(card["task"]["classes"]):
            found.append(f"labels of the {name} data do not fit")
    if len(common.sample_hashes(x)) != len(x):
        found.append("evaluation data repeat a sample")

    metrics = card["metrics"]
    share, count = common.accuracy(directory, card)
    if count != metrics["evaluation_samples"]:
        found.append(f"{count} evaluation samples, the card says {metrics['evaluation_samples']}")
    if abs(share - metrics["evaluation_accuracy"]) * count > TIPPED + 1e-3:
        found.append(f"accuracy {share:.6f}, the card says {metrics['evaluation_accuracy']:.6f}")
    if share < FLOOR.get(card["name"], 0):
        found.append(f"accuracy {share:.4f} is below {FLOOR[card['name']]}")
    parameters = common.parameter_count(path)
    if parameters != metrics["parameters"]:
        found.append(f"{parameters} parameters, the card says {metrics['parameters']}")
    return found, share


def main():
    failed, total = False, 0
    print(f"{'sample model':20} {'accuracy':>8} {'samples':>8} {'parameters':>10} {'bytes':>10}  verdict")
    for directory in sorted(p for p in common.MODELS.iterdir() if p.is_dir()):
        size = sum(p.stat().st_size for p in directory.rglob("*") if p.is_file())
        total += size
        card = common.read_card(directory)
        found, share = faults(directory, card)
        if card["name"] != directory.name:
            found.append(f"the card is named {card['name']}")
        failed |= bool(found)
        metrics = card["metrics"]
        print(f"{directory.name:20} {share:8.4f} {metrics['evaluation_samples']:8} {metrics['parameters']:10} "
              f"{size:10}  {'; '.join(found) or 'ok'}")
    missing = FLOOR.keys() - {p.name for p in common.MODELS.iterdir()}
    if missing:
        print(f"missing: {', '.join(sorted(missing))}")
    print(f"{'all':20} {'':8} {'':8} {'':10} {total:10}  {'ok' if total <= LIMIT else f'over {LIMIT}'}")
    return 1 if failed or missing or total > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
