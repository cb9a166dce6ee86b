import GraphIR
import TensorCore

/// Zero points of one operand of an integer product: one for all, or one per row (left) or column (right).
struct OperandZeroPoints: Sendable {
  private let reader: ZeroPointReader
  private let input: Int
  private let isGiven: Bool
  private let isSingle: Bool

  /// - Parameter count: rows or columns.
  init(_ site: OperatorSite, input: Int, of type: DataType, count: Int) throws {
    self.input = input
    let given = site.optionalInput(input)
    isGiven = given != nil
    isSingle = given?.shape.count == 1
    reader = ZeroPointReader(given?.dataType)
    if let given, given.dataType != type || !(isSingle || given.shape.count == count) {
      throw site.inputError(input, expected: "\(type.rawValue), one value or \(count)")
    }
  }

  func read(_ arguments: OperatorArguments, _ index: Int) -> Int32 {
    isGiven ? reader.read(arguments.inputs[input], isSingle ? 0 : index) : 0
  }
}

/// Codes of 8 bits as integers.
protocol CodeElement: FixedWidthInteger, TensorElement {}
extension UInt8: CodeElement {}
extension Int8: CodeElement {}

/// Code to make for the types of two quantized operands.
protocol CodePairVisitor {
  func visit<X: CodeElement, W: CodeElement>(_ x: X.Type, _ w: W.Type) throws -> OperatorBody
}

extension OperatorSite {
  /// Lets `visitor` make its code for the types of inputs `first` and `second`, each int8 or uint8.
  func dispatchCodes(_ first: Int, _ second: Int, _ visitor: some CodePairVisitor) throws -> OperatorBody {
    switch (try input(first).dataType, try input(second).dataType) {
    case (.uint8, .uint8): return try visitor.visit(UInt8.self, UInt8.self)
    case (.uint8, .int8): return try visitor.visit(UInt8.self, Int8.self)
    case (.int8, .uint8): return try visitor.visit(Int8.self, UInt8.self)
    case (.int8, .int8): return try visitor.visit(Int8.self, Int8.self)
    default: throw inputError(first, expected: "of type uint8 or int8, as input \(second)")
    }
  }
}

extension OperatorSite {
  /// The type of the codes that a QLinear product gives: that of its zero point, input 7.
  /// - Throws: where a scale is neither one value nor as many as its count.
  func linearResult(scaleCounts: [(input: Int, count: Int)], of types: [DataType]) throws -> DataType {
    for (index, count) in scaleCounts {
      let scale = try input(index, of: types)
      guard scale.shape.count == 1 || scale.shape.count == count else {
        throw inputError(index, expected: "one value or \(count)")
      }
    }
    let zero = try input(7, of: DataType.codes)
    guard zero.shape.count == 1 else { throw inputError(7, expected: "one value") }
    return zero.dataType
  }
}

extension DataType {
  static let codes: [DataType] = [.uint8, .int8]
}

/// Sums that become codes: saturate(round half to even(sum * factor) + zero point).
struct Requantizer: Sendable {
  let target: DataType

  @inline(__always)
  func write(_ value: Float, zero: Int32, to output: UnsafeMutableRawPointer, _ place: Int) {
    let rounded = Double(value.rounded(.toNearestOrEven)) + Double(zero)
    if target == .uint8 {
      output.assumingMemoryBound(to: UInt8.self)[place] = UInt8(saturating: rounded)
    } else {
      output.assumingMemoryBound(to: Int8.self)[place] = Int8(saturating: rounded)
    }
  }
}
