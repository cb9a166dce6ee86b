"""Run an ONNX model with ONNX Runtime on one thread: run_model.py MODEL INPUT.npz OUTPUT.npz.

Inputs are taken from the npz by name (a single array fits a single input whatever its name) and cast to the
model's type; outputs are written by name.
"""

import argparse

import numpy as np
import onnxruntime

TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64,
         "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(uint8)": np.uint8,
         "tensor(int8)": np.int8, "tensor(bool)": np.bool_}


def session(model, optimized=True):
    """A CPU session on one thread; without optimizations where the graph must run as written."""
    options = onnxruntime.SessionOptions()
    # Products with 4-bit weights in floats, as the file has them, instead of with inputs in 8 bits.
    options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", "1")
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if not optimized:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run(running, arrays):
    """All outputs of a session by name, for input arrays by name."""
    wanted = [i for i in running.get_inputs() if i.name in arrays or len(arrays) != 1]
    if len(arrays) == 1 and not wanted:
        wanted, arrays = running.get_inputs()[:1], {running.get_inputs()[0].name: next(iter(arrays.values()))}
    missing = [i.name for i in wanted if i.name not in arrays]
    if missing:
        raise SystemExit(f"no array for the inputs {', '.join(missing)}; the file has {', '.join(arrays)}")
    feeds = {i.name: arrays[i.name].astype(TYPES[i.type], copy=False) for i in wanted}
    return dict(zip((o.name for o in running.get_outputs()), running.run(None, feeds)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("input")
    parser.add_argument("output")
    arguments = parser.parse_args()
    with np.load(arguments.input) as archive:
        arrays = dict(archive)
    np.savez(arguments.output, **run(session(arguments.model), arrays))


if __name__ == "__main__":
    main()
