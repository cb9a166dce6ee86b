import Glibc
import TensorCore

extension NumericElement where Self: FixedWidthInteger {
  static var lowest: Self { min }
  static var highest: Self { max }
  static var isInteger: Bool { true }
  var double: Double { Double(self) }

  init(saturating value: Double) {
    self = value.isNaN ? 0 : value <= Double(Self.min) ? .min : value >= Double(Self.max) ? .max : Self(value)
  }

  static func pair(_ operation: PairOperation) -> @Sendable (Self, Self) -> Self {
    switch operation {
    case .add: { $0 &+ $1 }
    case .sub: { $0 &- $1 }
    case .mul: { $0 &* $1 }
    case .div: { $1 == 0 ? 0 : $0.dividingFullWidthSafely(by: $1) }
    case .max: { Swift.max($0, $1) }
    case .min: { Swift.min($0, $1) }
    case .pow: { Self(saturating: Glibc.pow(Double($0), Double($1))) }
    case .truncatedRemainder: { $1 == 0 ? 0 : $0.remainderReportingOverflow(dividingBy: $1).partialValue }
    case .flooredRemainder:
      {
        if $1 == 0 { return 0 }
        let remainder = $0.remainderReportingOverflow(dividingBy: $1).partialValue
        return remainder != 0 && (remainder < 0) != ($1 < 0) ? remainder &+ $1 : remainder
      }
    case .prelu: { $0 < 0 ? $0 &* $1 : $0 }
    // Swift's shifts go the other way for negative counts; here those are out of range.
    case .shiftLeft: { $1 < 0 ? 0 : $0 << $1 }
    case .shiftRight: { $1 < 0 ? ($0 < 0 ? ~0 : 0) : $0 >> $1 }
    }
  }

  static func apply(_ function: IntegerFunction) -> @Sendable (Self) -> Self {
    switch function {
    case .magnitude: { $0 < 0 ? 0 &- $0 : $0 }
    case .negation: { 0 &- $0 }
    case .sign: { $0.signum() }
    case .rectifier: { Swift.max($0, 0) }
    case .truncated: { $0 }
    }
  }

  private func dividingFullWidthSafely(by divisor: Self) -> Self {
    // The lowest value by -1 wraps instead of trapping.
    dividedReportingOverflow(by: divisor).partialValue
  }
}

extension NumericElement where Self: BinaryFloatingPoint {
  static var lowest: Self { -.infinity }
  static var highest: Self { .infinity }
  static var isInteger: Bool { false }
  var double: Double { Double(self) }
  init(saturating value: Double) { self.init(value) }

  static func pair(_ operation: PairOperation) -> @Sendable (Self, Self) -> Self {
    switch operation {
    case .add: { $0 + $1 }
    case .sub: { $0 - $1 }
    case .mul: { $0 * $1 }
    case .div: { $0 / $1 }
    case .max: { $0 > $1 || $0.isNaN ? $0 : $1 }
    case .min: { $0 < $1 || $0.isNaN ? $0 : $1 }
    case .pow: { Self(Glibc.pow(Double($0), Double($1))) }
    case .truncatedRemainder: { $0.truncatingRemainder(dividingBy: $1) }
    case .flooredRemainder:
      {
        let remainder = $0.truncatingRemainder(dividingBy: $1)
        return remainder != 0 && (remainder < 0) != ($1 < 0) ? remainder + $1 : remainder
      }
    case .prelu: { $0 < 0 ? $0 * $1 : $0 }
    case .shiftLeft, .shiftRight: { a, _ in a }
    }
  }

  static func apply(_ function: IntegerFunction) -> @Sendable (Self) -> Self {
    switch function {
    case .magnitude: { Swift.abs($0) }
    case .negation: { -$0 }
    case .sign: { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
    case .rectifier: { $0 < 0 ? 0 : $0 }
    case .truncated: { $0 }
    }
  }
}

extension NumericElement where Self: SignedInteger & FixedWidthInteger {
  var wide: Int64 { Int64(self) }
  init(narrowing wide: Int64) { self.init(truncatingIfNeeded: wide) }
}

extension NumericElement where Self: UnsignedInteger & FixedWidthInteger {
  var wide: UInt64 { UInt64(self) }
  init(narrowing wide: UInt64) { self.init(truncatingIfNeeded: wide) }
}

extension NumericElement where Self: BinaryFloatingPoint {
  var wide: Double { Double(self) }
  init(narrowing wide: Double) { self.init(wide) }
}

extension Float: NumericElement {}
extension Double: NumericElement {}
extension Int8: NumericElement {}
extension UInt8: NumericElement {}
extension Int16: NumericElement {}
extension UInt16: NumericElement {}
extension Int32: NumericElement {}
extension UInt32: NumericElement {}
extension Int64: NumericElement {}
extension UInt64: NumericElement {}

extension AccumulatorElement where Self: FixedWidthInteger {
  static var one: Self { 1 }
  func adding(_ other: Self) -> Self { self &+ other }
  func multiplying(_ other: Self) -> Self { self &* other }
}

extension Double: AccumulatorElement {
  static var one: Double { 1 }
  func adding(_ other: Double) -> Double { self + other }
  func multiplying(_ other: Double) -> Double { self * other }
}
extension Int64: AccumulatorElement {}
extension UInt64: AccumulatorElement {}
