/// How much work a measurement takes before it counts as settled.
package struct EvaluationBudget: Sendable, Hashable {
  /// Samples of the first accuracy reading, as far as `firstAccuracyNanoseconds` allows.
  package var firstSamples: Int
  package var firstAccuracyNanoseconds: UInt64
  package var firstLatencyNanoseconds: UInt64
  /// Time between readings after the first.
  package var updateNanoseconds: UInt64
  /// Timing ends after this, or once the speed-up's interval is narrower than `latencyWidth` of it.
  package var latencyNanoseconds: UInt64
  package var latencyWidth: Double
  /// Pairs that timing takes at least before its interval is trusted.
  package var latencyPairs: Int
  /// Whether the deflated size is found too.
  package var deflates: Bool

  package init(
    firstSamples: Int, firstAccuracyNanoseconds: UInt64, firstLatencyNanoseconds: UInt64,
    updateNanoseconds: UInt64, latencyNanoseconds: UInt64, latencyWidth: Double, latencyPairs: Int,
    deflates: Bool
  ) {
    self.firstSamples = firstSamples
    self.firstAccuracyNanoseconds = firstAccuracyNanoseconds
    self.firstLatencyNanoseconds = firstLatencyNanoseconds
    self.updateNanoseconds = updateNanoseconds
    self.latencyNanoseconds = latencyNanoseconds
    self.latencyWidth = latencyWidth
    self.latencyPairs = latencyPairs
    self.deflates = deflates
  }

  /// For a person who waits: a first reading in well under 100 ms, settled in a second or two on small models.
  package static let interactive = EvaluationBudget(
    firstSamples: 512, firstAccuracyNanoseconds: 25_000_000, firstLatencyNanoseconds: 10_000_000,
    updateNanoseconds: 60_000_000, latencyNanoseconds: 500_000_000, latencyWidth: 0.02, latencyPairs: 50,
    deflates: true)

  /// For reports: more runs and a narrower interval.
  package static let thorough = EvaluationBudget(
    firstSamples: 512, firstAccuracyNanoseconds: 25_000_000, firstLatencyNanoseconds: 10_000_000,
    updateNanoseconds: 250_000_000, latencyNanoseconds: 3_000_000_000, latencyWidth: 0.005, latencyPairs: 200,
    deflates: true)
}
