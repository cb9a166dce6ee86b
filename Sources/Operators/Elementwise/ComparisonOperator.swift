import GraphIR
import Kernels
import TensorCore

/// Equal, Greater, Less, GreaterOrEqual and LessOrEqual, broadcast; comparisons with NaN are false.
struct ComparisonOperator: Operator {
  let kinds: [OperatorKind] = ["Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .pointwise(.all, .declined("its output is Boolean"))
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let (a, b) = (try site.input(0), try site.input(1))
    guard a.dataType == b.dataType else {
      throw site.inputError(1, expected: "of type \(a.dataType.rawValue)")
    }
    return [TensorType(.bool, try site.broadcast([a.shape, b.shape]))]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    let nest = LoopNest(
      broadcasting: [try site.input(0).shape, try site.input(1).shape], to: outputs[0].shape)
    if try site.input(0).dataType == .string {
      guard site.kind == "Equal" else { throw site.inputError(0, expected: "numeric") }
      // The numbers of texts from one table are equal where the texts are.
      return Visitor(type: site.kind.type, nest: nest).visit(UInt64.self)
    }
    return try site.dispatch(0, Visitor(type: site.kind.type, nest: nest))
  }

  private struct Visitor: NumericVisitor {
    let type: String
    let nest: LoopNest

    func visit<Element: NumericElement>(_: Element.Type) -> OperatorBody {
      switch type {
      case "Equal": body { (a: Element, b: Element) in a == b }
      case "Greater": body { (a: Element, b: Element) in a > b }
      case "Less": body { (a: Element, b: Element) in a < b }
      case "GreaterOrEqual": body { (a: Element, b: Element) in a >= b }
      default: body { (a: Element, b: Element) in a <= b }
      }
    }

    @inline(__always)
    private func body<Element: NumericElement>(_ compare: @escaping @Sendable (Element, Element) -> Bool)
      -> OperatorBody
    {
      OperatorBody { [nest] arguments in
        guard let output = arguments.output(0, as: Bool.self) else { return }
        pairLoop(
          nest, arguments.input(0, as: Element.self), arguments.input(1, as: Element.self), output, compare)
      }
    }
  }
}
