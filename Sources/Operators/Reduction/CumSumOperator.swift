import GraphIR
import Kernels
import TensorCore

/// CumSum and CumProd along an axis, which may be known only while running.
struct CumSumOperator: Operator {
  let kinds: [OperatorKind] = ["CumSum", "CumProd"]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .rowwise(
      .input(1),
      kind.type == "CumProd"
        ? .declined("no rule")
        : .given { site, place in
          guard place == 0 else { return nil }
          // A summand counts in all sums behind it.
          let isReverse = try site.flag("reverse")
          let attributes = ["reverse": isReverse ? 0 : 1, "exclusive": try site.flag("exclusive") ? 1 : 0]
          return .step("CumSum", [.upstream, .input(1)], attributes)
        })
  }

  func infer(_ site: OperatorSite) throws -> [TensorType] {
    let axis = try site.input(1, of: [.int32, .int64])
    guard axis.shape.count == 1 else { throw site.inputError(1, expected: "one axis") }
    return [try site.input(0, of: DataType.numeric + DataType.halves)]
  }

  func prepare(_ site: OperatorSite, outputs: [TensorType], table: KernelTable) throws -> OperatorBody {
    try site.dispatch(0, Visitor(site: site))
  }

  private struct Visitor: NumericVisitor {
    let site: OperatorSite

    func visit<Element: NumericElement>(_ type: Element.Type) throws -> OperatorBody {
      let shape = try site.input(0).shape
      let isLong = try site.input(1).dataType == .int64
      let exclusive = try site.flag("exclusive")
      let reverse = try site.flag("reverse")
      let isProduct = site.kind.type == "CumProd"
      let (kind, name) = (site.kind, site.node.name)
      return OperatorBody { arguments in
        guard let output = arguments.output(0, as: Element.self) else { return }
        let input = arguments.input(0, as: Element.self)
        let given =
          isLong ? Int(arguments.input(1, as: Int64.self)[0]) : Int(arguments.input(1, as: Int32.self)[0])
        guard let axis = shape.normalized(axis: given) else {
          throw OperatorError.index(kind: kind, node: name, found: given, limit: shape.rank)
        }
        let lines = AxisLines(shape: shape, axis: axis)
        lines.forEach { _, start in
          var sum = isProduct ? Element.Accumulator.one : Element.Accumulator.zero
          for step in 0..<lines.count {
            let at = start + (reverse ? lines.count - 1 - step : step) * lines.inner
            let value = input[at].wide
            if exclusive { output[at] = Element(narrowing: sum) }
            sum = isProduct ? sum.multiplying(value) : sum.adding(value)
            if !exclusive { output[at] = Element(narrowing: sum) }
          }
        }
      }
    }
  }
}
