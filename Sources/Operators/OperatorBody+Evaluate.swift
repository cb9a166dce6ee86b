import GraphIR
import TensorCore

extension OperatorBody {
  /// Runs once in memory allocated for it: for folding constants, reference runs and tests.
  ///
  /// String tensors are brought to one table of texts first, so that bodies may move and compare their numbers.
  package func evaluate(inputs: [Tensor?], outputs: [TensorType]) throws -> [Tensor] {
    guard (inputs.compactMap { $0?.dataType } + outputs.map(\.dataType)).contains(.string) else {
      return try evaluate(inputs: inputs, outputs: outputs, strings: [])
    }
    var table = StringTable()
    let shared = try inputs.map { $0?.dataType == .string ? try $0?.interned(in: &table) : $0 }
    return try evaluate(inputs: shared, outputs: outputs, strings: table.texts)
  }

  private func evaluate(inputs: [Tensor?], outputs: [TensorType], strings: [String]) throws -> [Tensor] {
    let reads: [UnsafeRawPointer?] = inputs.map { $0?.bytes.baseAddress }
    return try withExtendedLifetime(inputs) {
      try withOutputs(outputs[...], pointers: [], strings: strings) { writes in
        try withScratch { scratch in
          try reads.withUnsafeBufferPointer { reads in
            try writes.withUnsafeBufferPointer { writes in
              // A node without inputs still passes an address.
              var none: UnsafeRawPointer?
              try withUnsafePointer(to: &none) { empty in
                guard let outputs = writes.baseAddress else { return }
                try run(
                  OperatorArguments(inputs: reads.baseAddress ?? empty, outputs: outputs, scratch: scratch))
              }
            }
          }
        }
      }
    }
  }

  /// Allocates one tensor after another, each inside the closure that may still write the ones before.
  private func withOutputs(
    _ types: ArraySlice<TensorType>, pointers: [UnsafeMutableRawPointer?], strings: [String],
    _ body: ([UnsafeMutableRawPointer?]) throws -> Void
  ) throws -> [Tensor] {
    guard let type = types.first else {
      try body(pointers)
      return []
    }
    var rest: [Tensor] = []
    let storage = try TensorStorage(
      byteCount: type.byteCount, strings: type.dataType == .string ? strings : []
    ) { bytes in
      rest = try withOutputs(
        types.dropFirst(), pointers: pointers + [bytes.baseAddress], strings: strings, body)
    }
    return [try Tensor(shape: type.shape, dataType: type.dataType, storage: storage)] + rest
  }

  private func withScratch(_ body: (UnsafeMutableRawPointer?) throws -> Void) throws {
    if scratchBytes == 0 { return try body(nil) }
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: scratchBytes + 64, alignment: 64)
    defer { scratch.deallocate() }
    try body(scratch)
  }
}
