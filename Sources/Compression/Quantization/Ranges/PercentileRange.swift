import Recipes

extension RangeMethod {
  package static let percentile = RangeMethod(
    "percentile-99.9",
    MethodNote(
      "The codes span 99.9 % of the values; the rest are clipped.",
      source: "Wu et al. 2020, arXiv:2004.09602"),
    clips: true,
    weights: { $0.clipped(to: MagnitudeStatistics.percentile($0.values, Percentile.share)) },
    activations: { $0.clipped(to: Percentile.magnitude(of: $0), $1) },
    remark: { weights, _ in
      // The largest of a thousand values is within the 99.9 %.
      weights < 1000
        ? "the 99.9th percentile of \(weights) weights is their maximum: nothing is clipped" : nil
    })
}

private enum Percentile {
  /// The share of nonzero magnitudes inside the range.
  static let share = 0.999

  /// The magnitude that this share of the nonzero values does not exceed.
  static func magnitude(of range: ActivationRange) -> Float {
    let total = range.bins.reduce(0) { $0 + $1.count }
    var remaining = Int((share * Double(total)).rounded(.up))
    for bin in range.bins {
      remaining -= bin.count
      if remaining <= 0 { return min(bin.magnitude, max(-range.low, range.high)) }
    }
    return max(-range.low, range.high)
  }
}
