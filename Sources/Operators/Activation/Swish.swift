import Glibc
import GraphIR

extension UnaryFunction {
  /// x times logistic(alpha x) (Ramachandran et al. 2017, arXiv:1710.05941).
  static let swish = UnaryFunction(
    "Swish", nanoseconds: OperatorCost.scalarFunction, derivative: gate(default: 1)
  ) { site, _ in
    let alpha = Double(try site.float("alpha", default: 1))
    return ElementFunction { $0 * logistic(alpha * $0) }
  }

  /// QuickGelu of ONNX Runtime: the same with an alpha of 1.702, close to GELU.
  static let quickGelu = UnaryFunction(
    .runtime("QuickGelu"), nanoseconds: OperatorCost.scalarFunction, derivative: gate(default: 1.702)
  ) { site, _ in
    let alpha = Double(try site.float("alpha", default: 1.702))
    return ElementFunction { $0 / (1 + Glibc.exp(-alpha * $0)) }
  }

  private static func gate(default fallback: Float) -> Derivative {
    .of { site, x, y, g in
      let alpha = DerivativeExpression.number(Double(try site.float("alpha", default: fallback)))
      let open = DerivativeExpression.sigmoid(alpha * x)
      return g * (open + alpha * y * (1 - open))
    }
  }
}
