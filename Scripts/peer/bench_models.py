"""ONNX Runtime's side of `paretop-bench models` and `files`: bench_models.py, asked line by line on standard input.

`prepare FOLDER FORM BATCH THREADS` (separated by tabs) opens a session on a sample model, FORM being fp32 or int8, and answers 0;
`run THREADS SECONDS` runs it for about so long and answers the median seconds of a run: of processor time for one
thread, by the clock for more; `open FILE` makes that session one on any file. int8 is the faster of two static QDQ quantizations (u8 activations, s8 weights per
channel, min-max over the folder's calibration data): of every operator that has one, and of products and
convolutions alone. Sequence models' attention masks hold values near -1e9, which no 8-bit range survives: for them
only matrix products are quantized.
"""

import contextlib
import os
import pathlib
import statistics
import sys
import tempfile
import time

import numpy as np
import onnxruntime
from onnxruntime import quantization
from onnxruntime.quantization import shape_inference

import quantize_question

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "samples"))
import common  # noqa: E402

LAYERS = ["Conv", "MatMul", "Gemm"]


def pin():
    """Keeps the calling thread on the last core, where the other side runs too."""
    os.sched_setaffinity(0, {max(ALL_CORES)})


def session(path, threads):
    """A session whose helper threads may use every core."""
    os.sched_setaffinity(0, ALL_CORES)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    made = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    pin()
    return made


def timed(running, feeds, threads, seconds):
    """The median seconds of a run."""
    clock = time.thread_time_ns if threads == 1 else time.perf_counter_ns
    binding = running.io_binding()
    for name, array in feeds.items():
        binding.bind_cpu_input(name, array)
    for output in running.get_outputs():
        binding.bind_output(output.name)
    times, last = [], clock()
    end = last + seconds * 1e9
    while last < end or len(times) < 3:
        running.run_with_iobinding(binding)
        now = clock()
        times.append(now - last)
        last = now
    return statistics.median(times) * 1e-9


def quantized(folder, card, directory):
    """Paths of the quantized forms of a sample model, made once."""
    kind = card["task"]["kind"]
    prepared = directory / "prepared.onnx"
    shape_inference.quant_pre_process(str(folder / "model.onnx"), str(prepared), skip_symbolic_shape=True)
    calibration, _ = common.load_samples(folder / card["data"]["calibration"])
    calibration = common.preprocess(calibration, card)
    paths = []
    for index, operators in enumerate([["MatMul", "Gemm"]] if kind == "sequence" else [None, LAYERS]):
        path = directory / f"int8-{index}.onnx"
        quantization.quantize_static(
            str(prepared), str(path), quantize_question.Reader(card["input"]["name"], calibration),
            quant_format=quantization.QuantFormat.QDQ, per_channel=True,
            activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8,
            calibrate_method=quantization.CalibrationMethod.MinMax, op_types_to_quantize=operators)
        paths.append(path)
    return paths


class Peer:
    """Sessions by thread count, and the quantized models of each folder."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.sessions = {}
        self.models = {}

    def prepare(self, folder, form, batch, threads):
        folder = pathlib.Path(folder)
        card = common.read_card(folder)
        x, _ = common.load_samples(folder / card["data"]["evaluation"])
        x = common.preprocess(x[np.arange(int(batch)) % len(x)], card)
        feeds = {card["input"]["name"]: np.ascontiguousarray(x)}
        paths = [folder / "model.onnx"]
        if form == "int8":
            if folder not in self.models:
                own = self.directory / folder.name
                own.mkdir()
                with contextlib.redirect_stdout(sys.stderr):
                    self.models[folder] = quantized(folder, card, own)
            paths = self.models[folder]
        made = [session(path, int(threads)) for path in paths]
        best = min(made, key=lambda one: timed(one, feeds, int(threads), 0.05))
        self.sessions[threads] = (best, feeds)
        return 0.0

    def open(self, path):
        """A session on any file, one thread, on made-up inputs."""
        running = session(path, 1)
        random = np.random.default_rng(1)
        feeds = {}
        for value in running.get_inputs():
            shape = [size if isinstance(size, int) else 1 for size in value.shape]
            kind = np.dtype(KINDS[value.type])
            made = random.standard_normal(shape) if kind.kind == "f" else random.integers(0, 2, shape)
            feeds[value.name] = made.astype(kind)
        self.sessions["1"] = (running, feeds)
        return 0.0

    def run(self, threads, seconds):
        running, feeds = self.sessions[threads]
        return timed(running, feeds, int(threads), float(seconds))


def main():
    with tempfile.TemporaryDirectory() as directory:
        peer = Peer(directory)
        for line in sys.stdin:
            verb, *arguments = line.rstrip("\n").split("\t")
            print(repr(getattr(peer, verb)(*arguments)) if verb in VERBS else "unknown verb", flush=True)


ALL_CORES = os.sched_getaffinity(0)
VERBS = ("prepare", "open", "run")
KINDS = {
    "tensor(float)": "float32", "tensor(float16)": "float16", "tensor(double)": "float64", "tensor(int64)": "int64",
    "tensor(int32)": "int32", "tensor(uint8)": "uint8", "tensor(int8)": "int8", "tensor(bool)": "bool",
}

if __name__ == "__main__":
    main()
