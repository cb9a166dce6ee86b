import Kernels
import TensorCore

extension PackedWidth {
  /// The packed width for codes of `bits`.
  /// - Parameter hasZeros: whether some code is zero, which single bits cannot say.
  init(_ bits: WeightBits, hasZeros: Bool) {
    self =
      switch bits {
      case .int8: .eight
      case .int6: .six
      case .int5: .five
      case .int4: .four
      case .int3: .three
      case .int2: .two
      case .ternary: .ternary
      case .binary: hasZeros ? .ternary : .one
      }
  }
}
