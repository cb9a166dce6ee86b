import GraphIR

extension UnaryFunction {
  /// x moved towards 0 by bias, and 0 up to lambd on both sides of it.
  static let shrink = UnaryFunction(
    "Shrink",
    derivative: .of { site, x, _, g in
      .select(.greater(.abs(x), .number(Double(try site.float("lambd", default: 0.5)))), g, 0)
    }
  ) { site, _ in
    let bias = Double(try site.float("bias", default: 0))
    let lambda = Double(try site.float("lambd", default: 0.5))
    return ElementFunction(
      { $0 < -lambda ? $0 + bias : $0 > lambda ? $0 - bias : $0.isNaN ? $0 : 0 }, integer: .truncated)
  }
}
