import TensorCore

/// Float32 weights as float16 ones.
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
}
