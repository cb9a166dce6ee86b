import TensorCore

/// Two models judged on the same samples: how often both, one or neither was right.
///
/// The difference of the two proportions depends only on the discordant pairs (McNemar 1947, doi:10.1007/BF02295996),
/// so that a small change shows long before the two single intervals part.
package struct PairedComparison: Sendable, Hashable {
  package var both = 0
  package var onlyOriginal = 0
  package var onlyCompressed = 0
  package var neither = 0

  package init() {}

  package init(both: Int, onlyOriginal: Int, onlyCompressed: Int, neither: Int) {
    self.both = both
    self.onlyOriginal = onlyOriginal
    self.onlyCompressed = onlyCompressed
    self.neither = neither
  }

  package mutating func add(original: Bool, compressed: Bool) {
    switch (original, compressed) {
    case (true, true): both += 1
    case (true, false): onlyOriginal += 1
    case (false, true): onlyCompressed += 1
    case (false, false): neither += 1
    }
  }

  package var samples: Int { both + onlyOriginal + onlyCompressed + neither }
  package var originalCorrect: Int { both + onlyOriginal }
  package var compressedCorrect: Int { both + onlyCompressed }

  /// Compressed less original, as a fraction; 0 with no samples.
  package var difference: Double {
    samples == 0 ? 0 : Double(onlyCompressed - onlyOriginal) / Double(samples)
  }

  /// The 95 % interval of `difference` by Newcombe's method 10: Wilson intervals of both proportions, joined with a
  /// continuity-corrected correlation (Newcombe 1998, Statistics in Medicine 17:2635-2650,
  /// doi:10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C).
  ///
  /// It stays wider than a point where no pair is discordant. With no samples nothing is known: [-1, 1].
  package var differenceInterval: Interval {
    guard samples > 0 else { return Interval(low: -1, high: 1) }
    let n = Double(samples)
    let first = Double(compressedCorrect) / n
    let second = Double(originalCorrect) / n
    let firstInterval = Statistics.wilson(successes: compressedCorrect, trials: samples)
    let secondInterval = Statistics.wilson(successes: originalCorrect, trials: samples)
    let phi = correlation
    let below = PairedComparison.joined(first - firstInterval.low, secondInterval.high - second, phi)
    let above = PairedComparison.joined(firstInterval.high - first, second - secondInterval.low, phi)
    return Interval(low: max(-1, difference - below), high: min(1, difference + above))
  }

  /// Newcombe's corrected phi of the two-by-two table; 0 where a margin is empty.
  private var correlation: Double {
    let n = Double(samples)
    let margins = [
      originalCorrect, samples - originalCorrect, compressedCorrect, samples - compressedCorrect,
    ]
    guard !margins.contains(0) else { return 0 }
    let cross = Double(both) * Double(neither) - Double(onlyOriginal) * Double(onlyCompressed)
    let corrected = cross > n / 2 ? cross - n / 2 : min(cross, 0)
    return corrected / margins.reduce(1) { $0 * Double($1).squareRoot() }
  }

  private static func joined(_ a: Double, _ b: Double, _ phi: Double) -> Double {
    max(0, a * a - 2 * phi * a * b + b * b).squareRoot()
  }
}
