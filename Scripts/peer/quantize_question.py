"""The 8-bit question asked of ONNX Runtime in one warm Python process: quantize_question.py MODELDIR.

A question is what a knob turn asks: quantize the sample model (static, QDQ, u8 activations, s8 weights per
channel, min-max over calibration.npz), open a session, evaluate all the evaluation data, time batch 1. One
thread. What need not be repeated when a knob turns (imports, quant_pre_process, loading data) is done before
and not counted. Prints one JSON object: seconds are medians over the repeats, latencies nanoseconds.

Attention masks hold values near -1e9, which no 8-bit range over all operators survives: for sequence models
only matrix products are quantized.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile
import time

import numpy as np
import onnxruntime
from onnxruntime import quantization
from onnxruntime.quantization import shape_inference

import run_model

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "samples"))
import common  # noqa: E402


class Reader(quantization.CalibrationDataReader):
    """Feeds preprocessed calibration data in batches."""

    def __init__(self, name, x, batch=64):
        self.batches = iter([{name: x[i:i + batch]} for i in range(0, len(x), batch)])

    def get_next(self):
        return next(self.batches, None)


def accuracy(running, card, x, y, batch=256):
    """The share of correct samples; preprocessed `x` in batches."""
    feeds, wanted = card["input"]["name"], [card["output"]["name"]]
    parts = [running.run(wanted, {feeds: x[i:i + batch]})[0] for i in range(0, len(x), batch)]
    return float(common.correct(np.concatenate(parts), y, card).mean())


def latencies(running, card, x, runs, warm_up=20):
    """Nanoseconds of `runs` single-sample runs after a warm-up."""
    feeds, wanted = card["input"]["name"], [card["output"]["name"]]
    times = []
    for index in range(warm_up + runs):
        sample = {feeds: x[index % len(x)][None]}
        start = time.perf_counter_ns()
        running.run(wanted, sample)
        times.append(time.perf_counter_ns() - start)
    return times[warm_up:]


def processor():
    """The processor's name as Linux gives it."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def summary(times):
    """Median and 95th percentile, whole nanoseconds."""
    return {"p50_ns": int(np.percentile(times, 50)), "p95_ns": int(np.percentile(times, 95))}


def ask(prepared, card, calibration, x, y, arguments):
    """One question: the seconds of each phase, accuracy, latencies and bytes of the quantized model."""
    operators = ["MatMul", "Gemm"] if card["task"]["kind"] == "sequence" else None
    with tempfile.TemporaryDirectory() as directory:
        path = str(pathlib.Path(directory) / "int8.onnx")
        marks = [time.perf_counter()]
        quantization.quantize_static(
            prepared, path, Reader(card["input"]["name"], calibration),
            quant_format=quantization.QuantFormat.QDQ, per_channel=True, reduce_range=arguments.reduce_range,
            activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8,
            calibrate_method=quantization.CalibrationMethod.MinMax, op_types_to_quantize=operators)
        marks.append(time.perf_counter())
        running = run_model.session(path)
        marks.append(time.perf_counter())
        share = accuracy(running, card, x, y)
        marks.append(time.perf_counter())
        times = latencies(running, card, x, arguments.runs)
        marks.append(time.perf_counter())
        seconds = dict(zip(("quantize", "session", "evaluate", "latency"), np.diff(marks).tolist()))
        seconds["total"] = marks[-1] - marks[0]
        return seconds, share, times, pathlib.Path(path).stat().st_size


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--runs", type=int, default=200, help="single-sample runs for the latency")
    parser.add_argument("--reduce-range", action="store_true", help="7-bit weights: no saturation without VNNI")
    arguments = parser.parse_args()

    card, model = common.read_card(arguments.directory), arguments.directory / "model.onnx"
    x, y = common.load_samples(arguments.directory / card["data"]["evaluation"])
    calibration, _ = common.load_samples(arguments.directory / card["data"]["calibration"])
    x, calibration = common.preprocess(x, card), common.preprocess(calibration, card)

    with tempfile.TemporaryDirectory() as directory:
        prepared = str(pathlib.Path(directory) / "prepared.onnx")
        start = time.perf_counter()
        shape_inference.quant_pre_process(str(model), prepared, skip_symbolic_shape=True)
        preparation = time.perf_counter() - start
        original = run_model.session(str(model))
        original_accuracy = accuracy(original, card, x, y)
        original_times = latencies(original, card, x, arguments.runs * arguments.repeats)
        ask(prepared, card, calibration, x, y, arguments)  # warms the process
        answers = [ask(prepared, card, calibration, x, y, arguments) for _ in range(arguments.repeats)]

    seconds = {phase: statistics.median(a[0][phase] for a in answers) for phase in answers[0][0]}
    print(json.dumps({
        "model": card["name"], "onnxruntime": onnxruntime.__version__, "machine": processor(),
        "threads": 1, "repeats": arguments.repeats, "runs": arguments.runs,
        "reduce_range": arguments.reduce_range, "preparation_seconds": preparation, "seconds": seconds,
        "evaluation_samples": len(y),
        "fp32": {"accuracy": original_accuracy, **summary(original_times), "bytes": model.stat().st_size},
        "int8": {"accuracy": answers[-1][1], **summary([t for a in answers for t in a[2]]),
                 "bytes": answers[-1][3]},
    }, indent=2))


if __name__ == "__main__":
    main()
