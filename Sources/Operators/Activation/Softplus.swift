import GraphIR

extension UnaryFunction {
  /// ln(1 + e^x).
  static let softplus = UnaryFunction(
    "Softplus", nanoseconds: 1, derivative: .of { x, _, g in g * .sigmoid(x) }
  ) { _, table in
    ElementFunction(
      single: { table.kernels.pointee.f32_softplus($0, $1, 1, 1, $2) }, double: { logOnePlusExp($0) })
  }

  /// x / (1 + |x|).
  static let softsign = UnaryFunction(
    "Softsign",
    derivative: .of { x, _, g in
      let sum = 1 + DerivativeExpression.abs(x)
      return g / (sum * sum)
    }
  ) { $0 / (1 + Swift.abs($0)) }
}
