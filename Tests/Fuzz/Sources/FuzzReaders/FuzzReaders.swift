import Foundation
import GraphIR
import ModelFormats
import TensorCore

// What libFuzzer's entry points, one C file per reader, call: whatever the bytes, a value or an error, no trap.

@_cdecl("paretop_fuzz_onnx")
package func fuzzONNX(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
  attempt(bytes, count) { data in
    let model = try ONNXReader.read(bytes: data, file: "fuzz.onnx")
    _ = WeightCheck.nonFinite(in: model.graph)
    // What was read can be written, and read again.
    _ = try ONNXReader.read(bytes: ONNXWriter.bytes(model), file: "fuzz.onnx")
  }
}

@_cdecl("paretop_fuzz_npz")
package func fuzzNPZ(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
  attempt(bytes, count) { _ = try NPZ.read(bytes: $0, file: "fuzz.npz", limit: 1 << 24) }
}

@_cdecl("paretop_fuzz_npy")
package func fuzzNPY(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
  attempt(bytes, count) { _ = try NPY.read(bytes: $0, file: "fuzz.npy") }
}

@_cdecl("paretop_fuzz_idx")
package func fuzzIDX(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
  attempt(bytes, count) { _ = try IDX.read(bytes: $0, file: "fuzz.idx") }
}

@_cdecl("paretop_fuzz_csv")
package func fuzzCSV(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
  attempt(bytes, count) { _ = try CSV.read(bytes: $0, file: "fuzz.csv") }
}

private func attempt(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ body: (Data) throws -> Void) {
  do {
    try body(Data(bytes: bytes, count: count))
  } catch {
    // An error is one of the readers own, and has a sentence.
    precondition(error is FormatError && !"\(error)".isEmpty, "\(error)")
  }
}
