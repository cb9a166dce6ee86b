import TensorCore

/// Float32 weights as 16-bit ones.
enum HalfPrecision {
  static let largest: Float = 65504

  /// Rounds to nearest even; magnitudes above 65504 become 65504.
  static func converted(_ tensor: Tensor) -> Tensor {
    let values = tensor.floats
    return Tensor(shape: tensor.shape, of: Float16.self) { halves in
      for index in halves.indices {
        halves[index] = Float16(Swift.min(Swift.max(values[index], -largest), largest))
      }
    }
  }

  /// As bfloat16, rounded to nearest even; what would become infinite becomes the largest number.
  static func brain(_ tensor: Tensor) -> Tensor {
    let values = tensor.floats
    let largest = BFloat16(bitPattern: 0x7f7f)
    return Tensor(shape: tensor.shape, of: BFloat16.self) { halves in
      for index in halves.indices {
        let value = Swift.min(Swift.max(values[index], -largest.float), largest.float)
        halves[index] = BFloat16(value)
      }
    }
  }
}
