import GraphIR

extension UnaryFunction {
  /// alpha x + beta: experimental in ONNX up to operator set 9, which Core ML and WinML tools wrote.
  static let affine = UnaryFunction(
    "Affine",
    derivative: .of { site, _, _, g in try g * .number(Double(site.float("alpha", default: 1))) }
  ) { site, table in
    let (alpha, beta) = (try site.float("alpha", default: 1), try site.float("beta", default: 0))
    return ElementFunction(
      single: { table.kernels.pointee.f32_affine($0, $1, alpha, beta, $2) },
      double: { Double(alpha) * $0 + Double(beta) })
  }

  /// scale x: experimental in ONNX up to operator set 9.
  static let scale = UnaryFunction(
    "Scale",
    derivative: .of { site, _, _, g in try g * .number(Double(site.float("scale", default: 1))) }
  ) { site, table in
    let scale = try site.float("scale", default: 1)
    return ElementFunction(
      // Plus -0 leaves every product as it is; plus 0 would turn -0 to 0.
      single: { table.kernels.pointee.f32_affine($0, $1, scale, -0.0, $2) },
      double: { Double(scale) * $0 })
  }
}
