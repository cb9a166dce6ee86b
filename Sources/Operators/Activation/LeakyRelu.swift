import GraphIR

extension UnaryFunction {
  /// x, below 0 times alpha.
  static let leakyRelu = UnaryFunction(
    "LeakyRelu", promises: .homogeneous,
    derivative: .of { site, x, _, g in
      .select(.less(x, 0), g * .number(Double(try site.float("alpha", default: 0.01))), g)
    }
  ) { site, table in
    let alpha = try site.float("alpha", default: 0.01)
    return ElementFunction(
      single: { table.kernels.pointee.f32_leaky_relu($0, $1, alpha, $2) },
      double: { $0 < 0 ? $0 * Double(alpha) : $0 })
  }
}
