import TensorCore

/// The running comparison of two models' answers.
struct ScoreTally: Sendable {
  private enum Table: Sendable {
    case pairs(PairedComparison)
    case errors(ErrorComparison)
  }
  private let scorer: Scorer
  private var table: Table
  private(set) var samples = 0

  init(_ scorer: Scorer) {
    self.scorer = scorer
    switch scorer.rule {
    case .labels, .agreement: table = .pairs(PairedComparison())
    case .targets(_, let variance): table = .errors(ErrorComparison(variance: variance))
    case .values: table = .errors(ErrorComparison(variance: 0))
    }
  }

  /// Adds the samples from the last one seen up to `count`, which both models have answered.
  mutating func extend(to count: Int, original: Answers, compressed: Answers) {
    switch table {
    case .pairs(var pairs):
      for sample in samples..<count {
        pairs.add(
          original: isRight(original, sample, original: original),
          compressed: isRight(compressed, sample, original: original))
      }
      table = .pairs(pairs)
    case .errors(var errors):
      for sample in samples..<count {
        errors.add(
          original: squaredError(original, sample, original: original),
          compressed: squaredError(compressed, sample, original: original))
      }
      if case .values = scorer.rule {
        errors.variance = SpreadOfValues.variance(
          Array(original.values.prefix(count * scorer.positions)), perSample: scorer.positions)
      }
      table = .errors(errors)
    }
    samples = count
  }

  func reading(totalSamples: Int, data: String) -> AccuracyReading {
    switch table {
    case .pairs(let pairs):
      AccuracyReading(metric: scorer.metric, comparison: pairs, totalSamples: totalSamples, data: data)
    case .errors(let errors): errors.reading(totalSamples: totalSamples, data: data)
    }
  }

  private func isRight(_ answers: Answers, _ sample: Int, original: Answers) -> Bool {
    let places = sample * scorer.positions..<(sample + 1) * scorer.positions
    switch scorer.rule {
    case .labels(let labels): return places.allSatisfy { answers.classes[$0] == labels[$0] }
    case .agreement:
      return places.allSatisfy { original.classes[$0] >= 0 && answers.classes[$0] == original.classes[$0] }
    case .targets, .values: return false
    }
  }

  private func squaredError(_ answers: Answers, _ sample: Int, original: Answers) -> Double {
    var sum = 0.0
    for place in sample * scorer.positions..<(sample + 1) * scorer.positions {
      let wanted: Float
      switch scorer.rule {
      case .targets(let targets, _): wanted = targets[place]
      case .values, .labels, .agreement: wanted = original.values[place]
      }
      let error = Double(answers.values[place]) - Double(wanted)
      sum += error * error
    }
    return sum
  }
}
