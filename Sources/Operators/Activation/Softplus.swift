import Glibc
import GraphIR

extension UnaryFunction {
  /// log(1 + exp(x)); for large x the sum would overflow long before the result does.
  static let softplus = UnaryFunction(
    "Softplus", derivative: .of { x, _, g in g * .sigmoid(x) }
  ) { $0 > 0 ? $0 + log1p(Glibc.exp(-$0)) : log1p(Glibc.exp($0)) }

  /// x / (1 + |x|).
  static let softsign = UnaryFunction(
    "Softsign",
    derivative: .of { x, _, g in
      let sum = 1 + DerivativeExpression.abs(x)
      return g / (sum * sum)
    }
  ) { $0 / (1 + Swift.abs($0)) }
}
