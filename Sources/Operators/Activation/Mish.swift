import Glibc
import GraphIR

extension UnaryFunction {
  /// x tanh(softplus(x)) (Misra 2019, arXiv:1908.08681).
  static let mish = UnaryFunction(
    "Mish", nanoseconds: 1,
    derivative: .of { x, _, g in
      let gate = DerivativeExpression.tanh(.step("Softplus", x))
      return g * (gate + x * (1 - gate * gate) * .sigmoid(x))
    }
  ) { _, table in
    ElementFunction(
      single: { table.kernels.pointee.f32_mish($0, $1, $2) },
      double: { $0 * Glibc.tanh(logOnePlusExp($0)) })
  }
}
