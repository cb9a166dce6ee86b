import GraphIR
import TensorCore

/// Element types with arithmetic of their own. Halves are widened to float32 around an operator instead.
protocol NumericElement: TensorElement, Comparable, Numeric {
  /// A type that holds sums of this one.
  associatedtype Accumulator: AccumulatorElement
  var wide: Accumulator { get }
  /// Wraps (integers) or rounds (floating point).
  init(narrowing wide: Accumulator)
  var double: Double { get }
  /// Truncates and saturates where an integer type needs it; NaN gives 0 there.
  init(saturating value: Double)
  static var lowest: Self { get }
  static var highest: Self { get }
  static var isInteger: Bool { get }
  /// Two-operand arithmetic. Integers wrap; a division by zero, which bodies check for beforehand, gives 0.
  static func pair(_ operation: PairOperation) -> @Sendable (Self, Self) -> Self
  /// One-operand functions of integers; floating point has its own code for them.
  static func apply(_ function: IntegerFunction) -> @Sendable (Self) -> Self
}

/// A type wide enough for sums and products; integers wrap.
protocol AccumulatorElement: Sendable {
  static var zero: Self { get }
  static var one: Self { get }
  func adding(_ other: Self) -> Self
  func multiplying(_ other: Self) -> Self
}

/// Code to make for a type known only when a plan is made; one call per type keeps every loop specialized.
protocol NumericVisitor {
  associatedtype Result
  func visit<Element: NumericElement>(_ type: Element.Type) throws -> Result
}

extension DataType {
  /// The types a `NumericVisitor` may meet.
  static let numeric: [DataType] = [
    .float32, .float64, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64,
  ]
  static let halves: [DataType] = [.float16, .bfloat16]
}

extension OperatorSite {
  /// Lets `visitor` make its code for the type of input `index`.
  func dispatch<Visitor: NumericVisitor>(_ index: Int, _ visitor: Visitor) throws -> Visitor.Result {
    switch try input(index).dataType {
    case .float32: try visitor.visit(Float.self)
    case .float64: try visitor.visit(Double.self)
    case .int8, .int4, .int2: try visitor.visit(Int8.self)
    case .uint8, .bool, .uint4, .uint2: try visitor.visit(UInt8.self)
    case .int16: try visitor.visit(Int16.self)
    case .uint16: try visitor.visit(UInt16.self)
    case .int32: try visitor.visit(Int32.self)
    case .uint32: try visitor.visit(UInt32.self)
    case .int64: try visitor.visit(Int64.self)
    case .uint64: try visitor.visit(UInt64.self)
    case .float16, .bfloat16, .string, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz,
      .float8e8m0, .float4e2m1:
      throw inputError(index, expected: "of type " + DataType.numeric.map(\.rawValue).joined(separator: ", "))
    }
  }
}
