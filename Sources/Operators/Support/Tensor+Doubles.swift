import TensorCore

extension Tensor {
  /// All elements as float64; texts are NaN.
  var doubles: [Double] {
    if dataType == .string { return [Double](repeating: .nan, count: count) }
    return [Double](unsafeUninitializedCapacity: count) { target, filled in
      if let from = bytes.baseAddress, count > 0 {
        ElementConversion.load(
          from, dataType, into: UnsafeMutableBufferPointer(rebasing: target[0..<count]))
      }
      filled = count
    }
  }
}
