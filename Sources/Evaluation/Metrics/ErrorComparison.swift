import TensorCore

/// Squared errors of two models on the same samples, for regression.
///
/// A value's interval is the mean squared error's normal interval over the samples, divided by the targets' variance,
/// which is taken as known; the difference's is that of the paired differences.
package struct ErrorComparison: Sendable, Hashable {
  /// Variance of the targets over the evaluation data, per sample (summed over a sample's outputs).
  package var variance: Double
  private var original = RunningMoments()
  private var compressed = RunningMoments()
  private var gain = RunningMoments()

  package init(variance: Double) { self.variance = variance }

  /// Adds one sample's summed squared errors.
  package mutating func add(original first: Double, compressed second: Double) {
    original.add(first)
    compressed.add(second)
    gain.add(first - second)
  }

  package var samples: Int { original.count }

  package func reading(totalSamples: Int, data: String) -> AccuracyReading {
    let base = score(original)
    let value = score(compressed)
    let half = relative(Statistics.z95 * gain.standardError)
    let difference = relative(gain.mean)
    return AccuracyReading(
      metric: .r2, value: value.value, interval: value.interval, originalValue: base.value,
      originalInterval: base.interval, difference: difference,
      differenceInterval: Interval(low: difference - half, high: difference + half), onlyOriginalCorrect: 0,
      onlyCompressedCorrect: 0, samples: samples, totalSamples: totalSamples, data: data)
  }

  private func score(_ moments: RunningMoments) -> (value: Double, interval: Interval) {
    let value = 1 - relative(moments.mean)
    let half = relative(Statistics.z95 * moments.standardError)
    return (value, Interval(low: value - half, high: min(1, value + half)))
  }

  /// An error as a share of the variance. Where the targets do not vary, an error counts as the whole of it; an
  /// undefined or endless one as a million times, so that every figure stays a number.
  private func relative(_ error: Double) -> Double {
    guard error != 0 else { return 0 }
    let share = variance > 0 ? error / variance : (error > 0 ? 1 : -1)
    return share.isNaN ? 1e6 : min(max(share, -1e6), 1e6)
  }
}

/// Mean and variance in one pass (Welford 1962, doi:10.1080/00401706.1962.10490022).
struct RunningMoments: Sendable, Hashable {
  private(set) var count = 0
  private(set) var mean = 0.0
  private var squares = 0.0

  mutating func add(_ value: Double) {
    count += 1
    let delta = value - mean
    mean += delta / Double(count)
    squares += delta * (value - mean)
  }

  /// Mean squared distance from the mean; 0 for no values.
  var variance: Double { count == 0 ? 0 : squares / Double(count) }

  /// Standard error of the mean; 0 for fewer than two values.
  var standardError: Double {
    count < 2 ? 0 : (squares / Double(count - 1) / Double(count)).squareRoot()
  }
}
