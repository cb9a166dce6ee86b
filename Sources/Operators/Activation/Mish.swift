import Glibc
import GraphIR

extension UnaryFunction {
  /// x tanh(softplus(x)) (Misra 2019, arXiv:1908.08681).
  static let mish = UnaryFunction(
    "Mish",
    derivative: .of { x, _, g in
      let gate = DerivativeExpression.tanh(.step("Softplus", x))
      return g * (gate + x * (1 - gate * gate) * .sigmoid(x))
    }
  ) { $0 * Glibc.tanh($0 > 0 ? $0 + log1p(Glibc.exp(-$0)) : log1p(Glibc.exp($0))) }
}
