import TensorCore

/// Two models judged on the same samples by a score of at most 1 for each sample: the means and their paired difference.
package struct MeanComparison: Sendable, Hashable {
  /// Whether a score is a share of things counted, so that all right is no proof of it.
  private let isCounted: Bool
  /// Whether scores are held against the original's own answers, which then has nothing to lose.
  private let isFidelity: Bool
  private var original = RunningMoments()
  private var compressed = RunningMoments()
  private var gain = RunningMoments()
  private var onlyOriginal = 0
  private var onlyCompressed = 0

  package init(isCounted: Bool, isFidelity: Bool) {
    self.isCounted = isCounted
    self.isFidelity = isFidelity
  }

  /// Adds one sample's scores.
  package mutating func add(original first: Double, compressed second: Double) {
    original.add(first)
    compressed.add(second)
    gain.add(second - first)
    if first == 1, second < 1 { onlyOriginal += 1 }
    if second == 1, first < 1 { onlyCompressed += 1 }
  }

  /// With normal intervals of the means over samples; of counted shares at least those that Wilson's method gives where
  /// every sample is wholly right or wrong. Against the original itself the difference's interval is the score's own.
  package func reading(_ metric: Metric, totalSamples: Int, data: String) -> AccuracyReading {
    let interval = interval(compressed)
    let difference: Interval
    if isFidelity {
      difference = Interval(low: interval.low - original.mean, high: interval.high - original.mean)
    } else {
      // Equal scores so far may still part: by no more than a proportion of none.
      let least = isCounted ? Statistics.wilson(successes: 0, trials: max(1, gain.count)).high : 0
      let half = gain.standardError > 0 ? Statistics.z95 * gain.standardError : least
      difference = Interval(low: gain.mean - half, high: gain.mean + half)
    }
    return AccuracyReading(
      metric: metric, value: compressed.mean, interval: interval, originalValue: original.mean,
      originalInterval: self.interval(original), difference: gain.mean, differenceInterval: difference,
      onlyOriginalCorrect: onlyOriginal, onlyCompressedCorrect: onlyCompressed, samples: compressed.count,
      totalSamples: totalSamples, data: data)
  }

  private func interval(_ moments: RunningMoments) -> Interval {
    let half = Statistics.z95 * moments.standardError
    let normal = Interval(low: moments.mean - half, high: min(1, moments.mean + half))
    guard isCounted, moments.standardError == 0, moments.count > 0 else { return normal }
    let right = Int((moments.mean * Double(moments.count)).rounded())
    let wilson = Statistics.wilson(successes: right, trials: moments.count)
    return Interval(low: min(normal.low, wilson.low), high: max(normal.high, wilson.high))
  }
}
