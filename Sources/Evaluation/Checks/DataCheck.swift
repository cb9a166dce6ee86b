import Execution
import GraphIR
import TensorCore

/// Whether data is prepared as the model expects it, before anyone trusts an accuracy: looked at on some samples, by the
/// original alone.
struct DataCheck {
  let experiment: Experiment
  /// The accuracy that the card gives; nil where it gives none.
  let promised: Double?
  /// Whether inputs are fed as they stand in the file, so that other flags can be named.
  let isPlain: Bool
  let cancellation: Cancellation

  private static let mostSamples = 256
  private static let fewest = 20
  private static let nanoseconds: UInt64 = 1_000_000_000

  /// Sentences about what looks wrong, each with the way out.
  /// - Throws: what running throws.
  func findings() throws -> [String] {
    guard !experiment.data.isSynthetic else { return [] }
    var findings: [String] = []
    let judged = try judged(experiment.originalAnswers)
    let fault = fault(judged)
    if let fault {
      var sentence = fault
      if let shift = try labelShift(judged) {
        sentence += " " + shift
      } else if let repair = try repair(better: judged) {
        sentence +=
          " With \(repair.repair.flags) it is \(DataCheck.percent(repair.value)) on \(repair.samples) samples."
      } else if isPlain {
        sentence +=
          " See whether the data is prepared as in training (--scale, --mean, --std, --layout) and the labels are the "
          + "model's."
      }
      findings.append(sentence)
    }
    if let sentence = try normalization(), fault == nil || !(findings.first?.contains("--") ?? false) {
      findings.append(sentence)
    }
    return findings
  }

  /// The original's score on the first samples, as many as take a second.
  private func judged(
    _ answers: (Range<Int>, Cancellation) throws -> Answers, limit: Int = mostSamples
  ) throws -> AccuracyReading {
    var tally = ScoreTally(experiment.judging.headline, index: 0)
    let start = MonotonicTime.nanoseconds
    let end = min(limit, experiment.data.count)
    while tally.samples < end {
      let next = min(tally.samples + 32, end)
      let found = try answers(tally.samples..<next, cancellation)
      tally.extend(to: next, original: found, compressed: found)
      if MonotonicTime.nanoseconds - start > DataCheck.nanoseconds { break }
    }
    return tally.reading(totalSamples: experiment.data.count, data: experiment.data.name)
  }

  /// What is odd about the score; nil where nothing is, or too few samples tell.
  private func fault(_ reading: AccuracyReading) -> String? {
    guard experiment.judging.headline.judge.references != nil, reading.samples >= DataCheck.fewest else {
      return nil
    }
    let value = DataCheck.percent(reading.originalValue)
    let interval = reading.originalInterval
    let metric = reading.metric
    if metric == .r2, reading.originalValue <= 0 {
      return
        "The model as it was opened explains none of the targets (r2 \(value) on \(reading.samples) samples)."
    }
    if metric == .top1, let classes = experiment.judging.headline.judge.grid?.classes, classes > 1,
      interval.low <= 1 / Double(classes)
    {
      return "The model as it was opened gets \(value) of \(reading.samples) samples right, near the "
        + "\(DataCheck.percent(1 / Double(classes))) of chance."
    }
    if metric == .exactMatch, reading.originalValue == 0 {
      return "The model as it was opened gets none of \(reading.samples) samples right."
    }
    if let promised, interval.high < promised - 0.01, metric != .r2 {
      return "The card gives \(DataCheck.percent(promised)), but the model as it was opened gets \(value) of "
        + "\(reading.samples) samples right."
    }
    return nil
  }

  /// Whether answers are the labels' neighbours, as where a background class stands first.
  private func labelShift(_ reading: AccuracyReading) throws -> String? {
    let judge = experiment.judging.headline.judge
    guard reading.metric == .top1, let labels = judge.references else { return nil }
    let answers = try experiment.originalAnswers(to: 0..<reading.samples, cancellation: cancellation).outputs[
      0]
    for shift in [1, -1] {
      let right = (0..<reading.samples).count { answers[$0] == labels[$0] + Float(shift) }
      let interval = Statistics.wilson(successes: right, trials: reading.samples)
      guard interval.low > max(reading.originalInterval.high, 0.25) else { continue }
      return "Its answers are the labels \(shift > 0 ? "plus" : "less") 1 on "
        + "\(DataCheck.percent(Double(right) / Double(reading.samples))) of them: count the labels "
        + "\(shift > 0 ? "one higher, as where a background class stands first" : "one lower")."
    }
    return nil
  }

  /// The usual preparation that does best, where it does better beyond doubt.
  private func repair(
    better reading: AccuracyReading
  ) throws -> (repair: InputRepair, value: Double, samples: Int)? {
    guard isPlain else { return nil }
    let plan = try experiment.originalRunner().plan
    var best: (repair: InputRepair, reading: AccuracyReading)?
    for repair in try repairs() {
      try cancellation.check()
      let data = experiment.data.samples.repaired(repair)
      let runner = try experiment.runner(plan, on: data)
      let found = try judged({ try runner.answers(to: $0, cancellation: $1) }, limit: 128)
      if found.originalValue > best?.reading.originalValue ?? reading.originalValue { best = (repair, found) }
    }
    guard let best, best.reading.originalInterval.low > reading.originalInterval.high else { return nil }
    return (best.repair, best.reading.originalValue, best.reading.samples)
  }

  private func repairs() throws -> [InputRepair] {
    let inputs = try experiment.data.samples.slice(0..<min(8, experiment.data.count))
    let picture = inputs.values.filter { $0.dataType == .float32 && $0.shape.rank > 1 }.max {
      $0.count < $1.count
    }
    guard let picture else { return [] }
    let values = picture.floats
    var moments = RunningMoments()
    for value in values { moments.add(Double(value)) }
    return InputRepair.usual(
      low: values.min() ?? 0, high: values.max() ?? 0, mean: Float(moments.mean),
      deviation: Float(moments.variance.squareRoot()), channels: picture.shape[1])
  }

  /// Whether what reaches the first batch normalization is far from what it saw in training.
  private func normalization() throws -> String? {
    guard let first = FirstNormalization(experiment.model.graph) else { return nil }
    let found = try distance(first, experiment.data.samples)
    guard let found, found > 100 || found < 0.01 else { return nil }
    let factor = found.squareRoot()
    let size =
      factor > 1 ? "about \(DataCheck.short(factor)) times as far" : "only \(DataCheck.short(factor)) as far"
    let start =
      "What reaches the first normalization (\(first.node)) lies \(size) from its mean as in training: "
    guard isPlain else {
      return start + "the inputs are in another range than the model expects; see --scale, --mean and --std."
    }
    for repair in try repairs() {
      let mended = try distance(first, experiment.data.samples.repaired(repair))
      if let mended, (0.1...10).contains(mended) { return start + "try \(repair.flags)." }
    }
    return start + "the inputs are in another range than the model expects; give --scale, --mean or --std."
  }

  private func distance(_ first: FirstNormalization, _ data: SampleInputs) throws -> Double? {
    let graph = experiment.model.graph
    let options = PlanOptions(
      dimensions: experiment.axes.dimensions(of: graph.inputs, batch: 1), level: experiment.options.level,
      forms: .stored, keep: graph.inputs.contains { $0.name == first.value } ? [] : [first.value])
    let plan = try ModelPlan(graph: graph, options: options, trial: data.first(for: graph))
    let context = plan.makeContext()
    var sums = (distance: 0.0, count: 0.0)
    let slices = try BatchSlices(plan: plan, data: data)
    for slice in slices.slices(of: 0..<min(8, data.count)) {
      try cancellation.check()
      let inputs = try data.slice(slice.run)
      for (name, tensor) in inputs { try context.setInput(name, tensor) }
      try plan.run(in: context)
      let tensor = try inputs[first.value] ?? context.value(first.value)
      first.add(tensor.floats, tensor.shape, to: &sums)
    }
    return sums.count > 0 ? sums.distance / sums.count : nil
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10) %"
  }

  /// To two digits.
  private static func short(_ value: Double) -> String {
    value >= 10 ? "\(Int(value.rounded()))" : "\((value * 100).rounded() / 100)"
  }
}
