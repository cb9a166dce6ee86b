import GraphIR

extension ReduceOperator {
  static func derivative(of kind: OperatorKind) -> Derivative {
    switch kind.type {
    case "ReduceSum": .of { _, _, g in g }
    case "ReduceMean": .of { _, _, g in g / .rowLength }
    case "ReduceMax", "ReduceMin": .of(extreme)
    case "ReduceL1": .of { x, _, g in g * .step("Sign", x) }
    // Where the norm is 0, every element is.
    case "ReduceL2": .of { x, y, g in g * x / .select(.equal(y, 0), 1, y) }
    case "ReduceSumSquare": .of { x, _, g in g * (x + x) }
    case "ReduceLogSum": .of { _, y, g in g / .exp(y) }
    case "ReduceLogSumExp": .of { x, y, g in g * .exp(x - y) }
    default: .declined("no rule: a factor of 0 hides the others")
    }
  }

  /// What comes from above, shared by the elements that are the extreme.
  @Sendable static func extreme(
    _ x: DerivativeExpression, _ y: DerivativeExpression, _ g: DerivativeExpression
  ) -> DerivativeExpression {
    let isExtreme = DerivativeExpression.select(.equal(x, y), 1, 0)
    return g * isExtreme / .rowSum(isExtreme)
  }
}
