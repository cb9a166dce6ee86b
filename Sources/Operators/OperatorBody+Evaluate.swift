import GraphIR
import TensorCore

extension OperatorBody {
  /// Runs once in memory allocated for it: for folding constants, reference runs and tests.
  package func evaluate(inputs: [Tensor?], outputs: [TensorType]) throws -> [Tensor] {
    let reads: [UnsafeRawPointer?] = inputs.map { $0?.bytes.baseAddress }
    return try withExtendedLifetime(inputs) {
      try withOutputs(outputs[...], pointers: []) { writes in
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
    _ types: ArraySlice<TensorType>, pointers: [UnsafeMutableRawPointer?],
    _ body: ([UnsafeMutableRawPointer?]) throws -> Void
  ) throws -> [Tensor] {
    guard let type = types.first else {
      try body(pointers)
      return []
    }
    var rest: [Tensor] = []
    let storage = try TensorStorage(byteCount: type.byteCount) { bytes in
      rest = try withOutputs(types.dropFirst(), pointers: pointers + [bytes.baseAddress], body)
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
