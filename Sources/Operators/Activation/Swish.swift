import GraphIR

extension UnaryFunction {
  /// x times logistic(alpha x) (Ramachandran et al. 2017, arXiv:1710.05941).
  static let swish = gate("Swish", alpha: 1)

  /// QuickGelu of ONNX Runtime: the same with an alpha of 1.702, close to GELU.
  static let quickGelu = gate(.runtime("QuickGelu"), alpha: 1.702)

  /// - Parameter alpha: where a node does not say.
  private static func gate(_ kind: OperatorKind, alpha fallback: Float) -> UnaryFunction {
    UnaryFunction(
      kind, nanoseconds: 1,
      derivative: .of { site, x, y, g in
        let alpha = DerivativeExpression.number(Double(try site.float("alpha", default: fallback)))
        let open = DerivativeExpression.sigmoid(alpha * x)
        return g * (open + alpha * y * (1 - open))
      }
    ) { site, table in
      let alpha = try site.float("alpha", default: fallback)
      return ElementFunction(
        single: { table.kernels.pointee.f32_swish($0, $1, alpha, $2) },
        double: { $0 * logistic(Double(alpha) * $0) })
    }
  }
}
