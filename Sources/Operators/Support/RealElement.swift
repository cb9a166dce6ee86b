import GraphIR
import TensorCore

/// Floating-point types that operators compute in: float32 and float64. Halves are widened around an operator.
protocol RealElement: NumericElement, BinaryFloatingPoint {}
extension Float: RealElement {}
extension Double: RealElement {}

/// Code to make for a floating-point type that is known only when a plan is made.
protocol RealVisitor {
  associatedtype Result
  func visit<Element: RealElement>(_ type: Element.Type) throws -> Result
}

extension DataType {
  /// The types a `RealVisitor` may meet, and those that are widened to them.
  static let real: [DataType] = [.float32, .float64, .float16, .bfloat16]
}

extension OperatorSite {
  /// Lets `visitor` make its code for the floating-point type of input `index`.
  func dispatchReal<Visitor: RealVisitor>(_ index: Int, _ visitor: Visitor) throws -> Visitor.Result {
    switch try input(index).dataType {
    case .float32: return try visitor.visit(Float.self)
    case .float64: return try visitor.visit(Double.self)
    default: throw inputError(index, expected: "of type float32 or float64")
    }
  }

  /// Products of sizes that index arithmetic relies on, refused where memory could not hold them.
  func product(_ sizes: Int...) throws -> Int { try shape(sizes).count }
}

extension OperatorArguments {
  /// Input `index`; nil where it is omitted.
  func optionalInput<Element>(_ index: Int, count: Int, as type: Element.Type = Element.self)
    -> UnsafePointer<Element>?
  {
    index < count ? inputs[index]?.assumingMemoryBound(to: Element.self) : nil
  }
}
