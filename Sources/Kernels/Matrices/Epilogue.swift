/// What a kernel does to each output as it writes it: bias, residual and activation, in this order.
package struct Epilogue {
  /// Added to every row; `outputs` values.
  package var bias: UnsafePointer<Float>?
  /// Applied last.
  package var activation: FusedActivation
  /// Added before the activation; same shape as y, which it must not overlap.
  package var residual: UnsafePointer<Float>?
  /// Distance between rows of `residual`, in floats.
  package var ldr: Int

  package init(
    bias: UnsafePointer<Float>? = nil, activation: FusedActivation = .none,
    residual: UnsafePointer<Float>? = nil, ldr: Int = 0
  ) {
    self.bias = bias
    self.activation = activation
    self.residual = residual
    self.ldr = ldr
  }
}

/// Activations cheap enough to apply while a tile is still in registers. A NaN stays a NaN.
package enum FusedActivation: Equatable, Sendable {
  case none
  case relu
  /// Limits to `low...high`.
  case clip(Float, Float)

  /// The limits it sets.
  package var bounds: (low: Float, high: Float) {
    switch self {
    case .none: (-.infinity, .infinity)
    case .relu: (0, .infinity)
    case .clip(let low, let high): (low, high)
    }
  }
}
