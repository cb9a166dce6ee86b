import TensorCore

extension AccuracyReading {
  /// A proportion of samples (top-1, exact match, fidelity) from the paired table of outcomes.
  package init(metric: Metric, comparison: PairedComparison, totalSamples: Int, data: String) {
    let samples = comparison.samples
    let divisor = Double(max(samples, 1))
    self.init(
      metric: metric, value: Double(comparison.compressedCorrect) / divisor,
      interval: Statistics.wilson(successes: comparison.compressedCorrect, trials: samples),
      originalValue: Double(comparison.originalCorrect) / divisor,
      originalInterval: Statistics.wilson(successes: comparison.originalCorrect, trials: samples),
      difference: comparison.difference, differenceInterval: comparison.differenceInterval,
      onlyOriginalCorrect: comparison.onlyOriginal, onlyCompressedCorrect: comparison.onlyCompressed,
      samples: samples, totalSamples: totalSamples, data: data)
  }
}
