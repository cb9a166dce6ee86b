import Foundation

/// A range of values with round ticks, laid along a side of a chart.
///
/// The ticks rise strictly, at least two of them; the first and the last are the ends of the range, and all
/// values it was made for lie between. Steps are 1, 2 or 5 times a power of ten, as in P. Heckbert, "Nice
/// Numbers for Graph Labels", Graphics Gems (1990), https://doi.org/10.1016/B978-0-08-050753-8.50019-4.
package struct Axis: Hashable, Sendable {
  package enum Scale: Hashable, Sendable {
    case linear
    /// Values that are not positive have no place and are skipped.
    case logarithmic
  }

  package let scale: Scale
  package let ticks: [Double]
  /// Distance of neighbouring ticks on a linear scale; their least ratio on a logarithmic one.
  package let step: Double

  package var lower: Double { ticks.first ?? 0 }
  package var upper: Double { ticks.last ?? 1 }

  /// The axis that covers all values that have a place on the scale, with about `tickCount` ticks.
  ///
  /// No values, or one only, make a range around them. Values beyond 1e150 are drawn at the end of the axis.
  /// - Parameter limits: what the quantity can be: a range around one value goes no further, such as below no time or
  ///   above all of a whole. Values themselves are covered wherever they lie.
  package init(
    covering values: some Sequence<Double>, scale: Scale = .linear, tickCount: Int = 4,
    limits: ClosedRange<Double> = -Double.infinity...Double.infinity
  ) {
    let count = max(2, min(tickCount, 20))
    var lower = Double.infinity
    var upper = -Double.infinity
    for value in values where value.isFinite && (scale == .linear || value > 0) {
      lower = min(lower, value)
      upper = max(upper, value)
    }
    switch scale {
    case .linear: (ticks, step) = Self.linear(lower, upper, count, limits)
    case .logarithmic: (ticks, step) = Self.logarithmic(lower, upper, count)
    }
    self.scale = scale
  }

  /// Where a value lies, 0 at the lower end and 1 at the upper; clamped to them. Nil if it has no place.
  package func fraction(of value: Double) -> Double? {
    guard value.isFinite, scale == .linear || value > 0 else { return nil }
    let place =
      switch scale {
      case .linear: (value - lower) / (upper - lower)
      // Differences of logarithms: quotients of the ends can overflow.
      case .logarithmic: (log(value) - log(lower)) / (log(upper) - log(lower))
      }
    return min(max(place, 0), 1)
  }

  /// The cell in which the dot of a fraction lies, so that ticks and lines agree.
  static func column(of fraction: Double, columns: Int, _ marker: PlotMarker) -> Int {
    dot(of: fraction, dots: columns * marker.dots.width) / marker.dots.width
  }

  static func row(of fraction: Double, rows: Int, _ marker: PlotMarker) -> Int {
    let dots = rows * marker.dots.height
    return max(0, dots - 1 - dot(of: fraction, dots: dots)) / marker.dots.height
  }

  static func dot(of fraction: Double, dots: Int) -> Int {
    Int((fraction * Double(max(0, dots - 1))).rounded())
  }

  private static let limit = 1e150

  private static func linear(
    _ low: Double, _ high: Double, _ count: Int, _ limits: ClosedRange<Double>
  ) -> ([Double], Double) {
    guard low <= high else { return ([0, 1], 1) }
    var lower = max(low, -limit)
    var upper = min(high, limit)
    lower = min(lower, limit)
    upper = max(upper, -limit)
    let size = max(lower.magnitude, upper.magnitude)
    // Too close for distinct ticks in double precision: widen by a part of the value itself.
    if upper - lower <= size * 1e-9 || upper - lower < 1e-150 {
      let margin = size < 1e-140 ? 0.5 : size * 0.05
      lower = max(lower - margin, min(limits.lowerBound, lower))
      upper = min(upper + margin, max(limits.upperBound, upper))
    }
    // A rounded range has up to two steps more than the span; widen the step until the ticks are few.
    var step = niceStep(above: (upper - lower) / Double(count))
    while (upper / step).rounded(.up) - (lower / step).rounded(.down) > Double(count) {
      step = niceStep(above: step * 1.01)
    }
    let first = (lower / step + 1e-9).rounded(.down)
    let last = (upper / step - 1e-9).rounded(.up)
    let steps = max(1, Int(last - first))
    var ticks = (0...steps).map { (first + Double($0)) * step }
    // Rounding in the product must not leave a value outside.
    ticks[0] = min(ticks[0], lower)
    ticks[steps] = max(ticks[steps], upper)
    return (ticks, step)
  }

  private static func niceStep(above value: Double) -> Double {
    let power = pow(10, log10(value).rounded(.down))
    for factor in [1.0, 2, 5, 10] where factor * power >= value * (1 - 1e-12) { return factor * power }
    return 10 * power
  }

  private static func logarithmic(_ low: Double, _ high: Double, _ count: Int) -> ([Double], Double) {
    guard low <= high else { return ([1, 10], 10) }
    let lower = min(max(low, 1 / limit), limit)
    let upper = min(max(high, lower), limit)
    let firstDecade = Int(log10(lower).rounded(.down)) - 1
    let lastDecade = Int(log10(upper).rounded(.up)) + 1
    let factorSets: [[Double]] = [[1, 2, 5], [1, 3], [1]]
    for factors in factorSets {
      let marks = (firstDecade...lastDecade).flatMap { decade in factors.map { $0 * pow(10, Double(decade)) }
      }
      let ticks = covering(lower, upper, marks)
      if ticks.count <= max(3, count + 1) { return (ticks, factors.count == 1 ? 10 : 2) }
    }
    let stride = max(2, (lastDecade - firstDecade) / count)
    let start = Int((Double(firstDecade) / Double(stride)).rounded(.down)) * stride
    let marks = Swift.stride(from: start, through: lastDecade + stride, by: stride).map {
      pow(10, Double($0))
    }
    return (covering(lower, upper, marks), pow(10, Double(stride)))
  }

  /// The marks from the last not above `lower` to the first not below `upper`.
  private static func covering(_ lower: Double, _ upper: Double, _ marks: [Double]) -> [Double] {
    let first = marks.lastIndex { $0 <= lower } ?? 0
    let last = marks.firstIndex { $0 >= upper } ?? marks.count - 1
    return last > first ? Array(marks[first...last]) : Array(marks[first...min(first + 1, marks.count - 1)])
  }
}
