import GraphIR
import Kernels
import TensorCore

/// An elementwise function of one operand: one of `UnaryFunction.math` and `UnaryFunction.activations`.
///
/// float32 and float64; Abs, Neg, Sign, Relu and Shrink take integers too (Abs and Neg of the lowest integer wrap).
struct UnaryOperator: Operator {
  let function: UnaryFunction

  var kinds: [OperatorKind] { [function.kind] }

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(.all, function.derivative, nanoseconds: function.nanoseconds, promises: function.promises)
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    [try site.input(0, of: DataType.numeric + DataType.halves)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let function = try function.make(site, table.vector)
    let type = try site.input(0)
    let count = type.shape.count
    switch type.dataType {
    case .float32:
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Float.self) else { return }
        function.single(count, arguments.input(0), output)
      }
    case .float64:
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Double.self) else { return }
        let input = arguments.input(0, as: Double.self)
        for index in 0..<count { output[index] = function.double(input[index]) }
      }
    default:
      guard let integer = function.integer, type.dataType != .bool else {
        throw site.inputError(0, expected: "of a floating-point type")
      }
      if integer == .truncated {
        return try site.dispatch(0, TruncatingVisitor(count: count, function: function.double))
      }
      return try site.dispatch(0, IntegerVisitor(count: count, function: integer))
    }
  }

  private struct TruncatingVisitor: NumericVisitor {
    let count: Int
    let function: @Sendable (Double) -> Double

    func visit<Element: NumericElement>(_ type: Element.Type) -> OperatorBody {
      OperatorBody { [count, function] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let input = arguments.input(0, as: Element.self)
        for index in 0..<count { output[index] = Element(saturating: function(input[index].double)) }
      }
    }
  }

  private struct IntegerVisitor: NumericVisitor {
    let count: Int
    let function: IntegerFunction

    func visit<Element: NumericElement>(_ type: Element.Type) -> OperatorBody {
      let apply = Element.apply(function)
      return OperatorBody { [count] arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let input = arguments.input(0, as: Element.self)
        for index in 0..<count { output[index] = apply(input[index]) }
      }
    }
  }
}
