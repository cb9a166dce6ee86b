import GraphIR

extension UnaryFunction {
  /// x above alpha, else 0.
  static let thresholdedRelu = UnaryFunction(
    "ThresholdedRelu",
    derivative: .of { site, x, _, g in
      .select(.greater(x, .number(Double(try site.float("alpha", default: 1)))), g, 0)
    }
  ) { site, _ in
    let alpha = Double(try site.float("alpha", default: 1))
    return ElementFunction { $0 > alpha ? $0 : $0.isNaN ? $0 : 0 }
  }
}
