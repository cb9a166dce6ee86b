import TensorCore

/// The running comparison of two models' answers from one output.
struct ScoreTally: Sendable {
  private enum Table: Sendable {
    case pairs(PairedComparison)
    case means(MeanComparison)
    case errors(ErrorComparison)
  }
  let output: OutputJudging.Judged
  /// Which of the answers' outputs it is.
  private let index: Int
  private var table: Table
  private var spread: SpreadOfValues?
  private var asides: [[Double]]
  private(set) var samples = 0

  init(_ output: OutputJudging.Judged, index: Int) {
    self.output = output
    self.index = index
    asides = output.judge.asides.map(\.sums)
    let isFidelity = output.judge.references == nil
    switch output.judge.rule {
    case .right: table = .pairs(PairedComparison())
    case .share: table = .means(MeanComparison(isCounted: true, isFidelity: isFidelity))
    case .nearness: table = .means(MeanComparison(isCounted: false, isFidelity: isFidelity))
    case .error(let variance):
      table = .errors(ErrorComparison(variance: variance ?? 0))
      if variance == nil { spread = SpreadOfValues(perSample: output.judge.width) }
    }
  }

  /// Adds the samples from the last one seen up to `count`, whose answers by both models these are.
  mutating func extend(to count: Int, original: Answers, compressed: Answers) {
    let judge = output.judge
    let (original, compressed) = (original.outputs[index], compressed.outputs[index])
    for sample in samples..<count {
      let first = judge.answer(sample, of: original, from: samples)
      let second = judge.answer(sample, of: compressed, from: samples)
      let wanted = judge.wanted(sample, original: original, from: samples)
      add(first, second, wanted)
      for (place, aside) in judge.asides.enumerated() { aside.add(&asides[place], second, wanted) }
    }
    samples = count
  }

  private mutating func add(_ first: Judge.Numbers, _ second: Judge.Numbers, _ wanted: Judge.Numbers) {
    switch (output.judge.rule, table) {
    case (.right(let isRight), .pairs(var pairs)):
      pairs.add(original: isRight(first, wanted), compressed: isRight(second, wanted))
      table = .pairs(pairs)
    case (.share(let score), .means(var means)), (.nearness(let score), .means(var means)):
      means.add(original: score(first, wanted), compressed: score(second, wanted))
      table = .means(means)
    case (.error, .errors(var errors)):
      errors.add(
        original: ScoreTally.squaredError(first, wanted), compressed: ScoreTally.squaredError(second, wanted))
      if spread != nil {
        spread?.add(wanted)
        errors.variance = spread?.variance ?? 0
      }
      table = .errors(errors)
    case (.right, _), (.share, _), (.nearness, _), (.error, _): break
    }
  }

  func reading(totalSamples: Int, data: String) -> AccuracyReading {
    var reading =
      switch table {
      case .pairs(let pairs):
        AccuracyReading(metric: output.metric, comparison: pairs, totalSamples: totalSamples, data: data)
      case .means(let means): means.reading(output.metric, totalSamples: totalSamples, data: data)
      case .errors(let errors): errors.reading(totalSamples: totalSamples, data: data)
      }
    reading.output = output.name
    let found = asideReadings
    if !found.isEmpty { reading.asides = found }
    return reading
  }

  /// What is said beside the metric.
  private var asideReadings: [AsideReading] {
    zip(output.judge.asides, asides).compactMap { aside, sums in
      aside.value(sums).map { AsideReading(key: aside.key, value: $0) }
    }
  }

  private static func squaredError(_ answer: Judge.Numbers, _ wanted: Judge.Numbers) -> Double {
    zip(answer, wanted).reduce(0) { sum, pair in
      let error = Double(pair.0) - Double(pair.1)
      return sum + error * error
    }
  }
}
