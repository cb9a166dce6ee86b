import GraphIR

/// Why a gradient cannot be written out.
package enum GradientError: Error, Equatable, CustomStringConvertible {
  /// A Gradient node has to differentiate an operator that has no rule, or by an input that has none.
  case noRule(kind: OperatorKind, node: String, gradient: String)

  package var description: String {
    switch self {
    case .noRule(let kind, let node, let gradient):
      "\(gradient) differentiates node \(node) (\(kind)), which has no gradient"
        + (GradientRules.reason(against: kind).map { ": \($0)" } ?? " by that input")
    }
  }
}
