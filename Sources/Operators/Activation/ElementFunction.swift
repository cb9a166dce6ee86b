import Kernels

/// A function of one element, for the types it takes.
struct ElementFunction: Sendable {
  typealias Kernel = @Sendable (Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  /// Over a whole row of float32.
  let single: Kernel
  let double: @Sendable (Double) -> Double
  /// nil where integers are not taken.
  let integer: IntegerFunction?

  /// A function with a kernel of its own.
  init(
    single: @escaping Kernel, double: @escaping @Sendable (Double) -> Double,
    integer: IntegerFunction? = nil
  ) {
    self.single = single
    self.double = double
    self.integer = integer
  }

  /// A function computed in float64 and rounded once.
  init(_ double: @escaping @Sendable (Double) -> Double, integer: IntegerFunction? = nil) {
    self.init(
      single: { count, input, output in
        for index in 0..<count { output[index] = Float(double(Double(input[index]))) }
      }, double: double, integer: integer)
  }
}

/// What a function of one element does to an integer.
enum IntegerFunction: Sendable {
  /// Without its sign; the lowest integer wraps to itself.
  case magnitude
  /// Negated; the lowest integer wraps to itself.
  case negation
  /// -1, 0 or 1.
  case sign
  /// Negative becomes 0.
  case rectifier
  /// As in float64, cut off.
  case truncated
}
