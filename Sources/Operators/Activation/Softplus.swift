import GraphIR

extension UnaryFunction {
  /// ln(1 + e^x).
  static let softplus = UnaryFunction(
    "Softplus", nanoseconds: 1, derivative: .of { x, _, g in g * .sigmoid(x) }
  ) { _, table in
    ElementFunction(
      single: { table.kernels.pointee.f32_softplus($0, $1, 1, 1, $2) }, double: { logOnePlusExp($0) })
  }

  /// alpha ln(1 + e^(beta x)): experimental in ONNX up to operator set 9.
  static let parametricSoftplus = UnaryFunction(
    "ParametricSoftplus", nanoseconds: 1,
    derivative: .of { site, x, _, g in
      let (alpha, beta) = (Double(try site.float("alpha")), Double(try site.float("beta")))
      return g * .number(alpha * beta) * .sigmoid(.number(beta) * x)
    }
  ) { site, table in
    let (alpha, beta) = (try site.float("alpha"), try site.float("beta"))
    return ElementFunction(
      single: { table.kernels.pointee.f32_softplus($0, $1, beta, alpha, $2) },
      double: { Double(alpha) * logOnePlusExp(Double(beta) * $0) })
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
