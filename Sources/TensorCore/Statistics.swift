/// A closed interval of plausible values.
package struct Interval: Sendable, Hashable, Codable {
  package let low: Double
  package let high: Double

  package init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }
}

/// Quantiles of samples, and the 95 % interval of a proportion.
package enum Statistics {
  /// Two-sided 95 % quantile of the standard normal distribution.
  package static let z95 = 1.959963984540054

  /// Wilson's score interval at 95 % for a proportion (Wilson 1927, doi:10.1080/01621459.1927.10502953).
  /// With no trials nothing is known: [0, 1].
  package static func wilson(successes: Int, trials: Int) -> Interval {
    guard trials > 0 else { return Interval(low: 0, high: 1) }
    let n = Double(trials)
    let p = Double(successes) / n
    let z2 = z95 * z95
    let centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    let half = z95 / (1 + z2 / n) * ((p * (1 - p) + z2 / (4 * n)) / n).squareRoot()
    return Interval(low: max(0, centre - half), high: min(1, centre + half))
  }

  /// The quantile of already sorted values, linearly interpolated between neighbours; nil where there are none.
  package static func quantile(_ fraction: Double, ofSorted values: [Double]) -> Double? {
    guard let last = values.indices.last else { return nil }
    let position = min(max(fraction, 0), 1) * Double(last)
    let lower = Int(position)
    let upper = min(lower + 1, last)
    return values[lower] + (values[upper] - values[lower]) * (position - Double(lower))
  }

  package static func median(_ values: [Double]) -> Double? {
    quantile(0.5, ofSorted: values.sorted())
  }
}
