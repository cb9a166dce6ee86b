import TensorCore

#if canImport(Glibc)
  import Glibc
#endif

/// A ratio, such as one of speeds, and its 95 % interval. Intervals of independent ratios combine by the root of the sum
/// of squares of their logarithmic widths, each side by itself.
package struct RatioEstimate: Sendable, Hashable {
  package var value: Double
  package var interval: Interval

  package init(value: Double, interval: Interval) {
    self.value = value
    self.interval = interval
  }

  static let same = RatioEstimate(value: 1, interval: Interval(low: 1, high: 1))

  package static func * (one: RatioEstimate, other: RatioEstimate) -> RatioEstimate {
    let value = one.value * other.value
    let below = width(one.value / one.interval.low, other.value / other.interval.low)
    let above = width(one.interval.high / one.value, other.interval.high / other.value)
    return RatioEstimate(value: value, interval: Interval(low: value / below, high: value * above))
  }

  package static func / (one: RatioEstimate, other: RatioEstimate) -> RatioEstimate {
    one
      * RatioEstimate(
        value: 1 / other.value, interval: Interval(low: 1 / other.interval.high, high: 1 / other.interval.low)
      )
  }

  private static func width(_ one: Double, _ other: Double) -> Double {
    let (left, right) = (log(max(one, 1)), log(max(other, 1)))
    return exp((left * left + right * right).squareRoot())
  }
}
