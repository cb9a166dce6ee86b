import Glibc
import GraphIR
import Kernels

extension UnaryFunction {
  /// x times the normal distribution's share below x, exact or by tanh (Hendrycks and Gimpel 2016, arXiv:1606.08415).
  static let gelu = UnaryFunction(
    "Gelu", nanoseconds: 1.2,
    derivative: .of { site, x, _, g in geluGradient(x, g, byTanh: try isByTanh(site)) }
  ) { site, table in
    guard try isByTanh(site) else { return exactGelu(table) }
    return ElementFunction(
      single: { table.kernels.pointee.f32_gelu_tanh($0, $1, $2) },
      double: { 0.5 * $0 * (1 + Glibc.tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) })
  }

  /// Gelu of ONNX Runtime, always exact.
  static let runtimeGelu = UnaryFunction(
    .runtime("Gelu"), nanoseconds: 1.2,
    derivative: .of { x, _, g in geluGradient(x, g, byTanh: false) }
  ) { _, table in exactGelu(table) }

  private static func isByTanh(_ site: OperatorSite) throws -> Bool {
    try site.string("approximate", default: "none", choices: ["none", "tanh"]) == "tanh"
  }

  private static func exactGelu(_ table: VectorTable) -> ElementFunction {
    ElementFunction(
      single: { table.kernels.pointee.f32_gelu_erf($0, $1, $2) },
      double: { 0.5 * $0 * (1 + Glibc.erf($0 * 0.5.squareRoot())) })
  }

  /// The gradient of GELU at `x`.
  static func geluGradient(
    _ x: DerivativeExpression, _ g: DerivativeExpression, byTanh: Bool
  ) -> DerivativeExpression {
    guard byTanh else {
      let below = 0.5 * (1 + DerivativeExpression.step("Erf", x * .number(0.5.squareRoot())))
      let density = .exp(x * x * -0.5) * DerivativeExpression.number(1 / (2 * Double.pi).squareRoot())
      return g * (below + x * density)
    }
    let scale = DerivativeExpression.number((2 / Double.pi).squareRoot())
    let bent = DerivativeExpression.tanh(scale * (x + 0.044715 * x * x * x))
    let slope = scale * (1 + 0.134145 * x * x)
    return g * (0.5 * (1 + bent) + 0.5 * x * (1 - bent * bent) * slope)
  }
}
