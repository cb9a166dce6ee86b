import GraphIR

extension UnaryFunction {
  /// alpha x + beta, cut off at 0 and 1.
  static let hardSigmoid = UnaryFunction(
    "HardSigmoid",
    derivative: .of { site, _, y, g in
      let slope = DerivativeExpression.number(Double(try site.float("alpha", default: 0.2)))
      return .select(.step("And", .greater(y, 0), .less(y, 1)), g * slope, 0)
    }
  ) { site, table in
    let (alpha, beta) = (try site.float("alpha", default: 0.2), try site.float("beta", default: 0.5))
    return ElementFunction(
      single: { table.kernels.pointee.f32_hard_sigmoid($0, $1, alpha, beta, $2) },
      double: { value in
        let line = Double(alpha) * value + Double(beta)
        return line < 0 ? 0 : line > 1 ? 1 : line
      })
  }

  /// x times x / 6 + 0.5, the factor cut off at 0 and 1.
  static let hardSwish = UnaryFunction(
    "HardSwish",
    derivative: .of { x, _, g in
      .select(.greater(x, 3), g, .select(.less(x, -3), 0, g * (x / 3 + 0.5)))
    }
  ) { _, table in
    ElementFunction(
      single: { table.kernels.pointee.f32_hard_swish($0, $1, $2) },
      double: { value in
        let line = value / 6 + 0.5
        return value * (line < 0 ? 0 : line > 1 ? 1 : line)
      })
  }
}
