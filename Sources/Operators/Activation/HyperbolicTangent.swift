import Glibc
import GraphIR

extension UnaryFunction {
  static let hyperbolicTangent = UnaryFunction(
    "Tanh", nanoseconds: 1, derivative: .of { _, y, g in g * (1 - y * y) }
  ) { _, table in
    ElementFunction(single: { table.kernels.pointee.f32_tanh($0, $1, $2) }, double: { tanh($0) })
  }

  /// alpha tanh(beta x): experimental in ONNX up to operator set 9.
  static let scaledTanh = UnaryFunction(
    "ScaledTanh", nanoseconds: 1.2,
    derivative: .of { site, x, _, g in
      let (alpha, beta) = (Double(try site.float("alpha")), Double(try site.float("beta")))
      let unscaled = DerivativeExpression.tanh(.number(beta) * x)
      return g * .number(alpha * beta) * (1 - unscaled * unscaled)
    }
  ) { site, table in
    let (alpha, beta) = (try site.float("alpha"), try site.float("beta"))
    return ElementFunction(
      single: { count, input, output in
        table.kernels.pointee.f32_affine(count, input, beta, -0.0, output)
        table.kernels.pointee.f32_tanh(count, output, output)
        table.kernels.pointee.f32_affine(count, output, alpha, -0.0, output)
      },
      double: { Double(alpha) * tanh(Double(beta) * $0) })
  }
}
