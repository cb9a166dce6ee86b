/// Variance over samples of each of a sample's values, summed: what a constant guess would miss on average.
struct SpreadOfValues: Sendable {
  private var means: [Double]
  private var squares: Double = 0
  private var count = 0
  /// Of all values together, for a single sample, which has no spread over samples.
  private var together = RunningMoments()

  init(perSample: Int) { means = [Double](repeating: 0, count: perSample) }

  /// Adds samples one after the other (Welford 1962, doi:10.1080/00401706.1962.10490022).
  mutating func add(_ values: ArraySlice<Float>) {
    guard !means.isEmpty else { return }
    for start in stride(from: values.startIndex, to: values.endIndex - means.count + 1, by: means.count) {
      count += 1
      for place in means.indices {
        let value = Double(values[start + place])
        let delta = value - means[place]
        means[place] += delta / Double(count)
        squares += delta * (value - means[place])
        if count == 1 { together.add(value) }
      }
    }
  }

  /// Of one sample alone that of its values about their mean.
  var variance: Double {
    if count == 0 { return 0 }
    if count == 1 { return together.variance * Double(means.count) }
    return squares / Double(count)
  }
}
