import Compression
import Execution
import GraphIR

/// One compressed model while it is being measured: what was found so far, and the next piece of work.
struct Trial {
  let compressed: CompressedModel
  private let experiment: Experiment
  private let cancellation: Cancellation
  private let budget: EvaluationBudget
  private let plan: ModelPlan
  private let report: LayerReport
  private let operations: OperationReading?
  /// Multiply-adds of one run by node, where they can be counted.
  private let counts: (compressed: [String: Int]?, original: [String: Int]?)
  private var latency: LatencySampler
  private var originalTimes: StepTimes
  private var compressedTimes: StepTimes
  private var runner: BatchRunner?
  /// One for each output that is judged, the first that of the headline.
  private var tallies: [ScoreTally]
  private static let timedRuns = 60

  /// Plans the compressed model and warms it up.
  init(
    _ compressed: CompressedModel, experiment: Experiment, budget: EvaluationBudget,
    cancellation: Cancellation
  ) throws {
    self.compressed = compressed
    self.experiment = experiment
    self.cancellation = cancellation
    self.budget = budget
    tallies = experiment.judging.all.enumerated().map { ScoreTally($0.element, index: $0.offset) }
    plan = try experiment.plan(compressed.model.graph)
    report = LayerReport(catalog: experiment.compressor.catalog, originalPlan: experiment.originalPlan)
    let inputs = try BatchSlices(plan: plan, data: experiment.data.samples)
    let sample = try experiment.data.samples.slice(0..<inputs.batch)
    counts = (
      MultiplyAdds.byNode(compressed.model.graph, inputs: sample), experiment.originalMultiplyAdds(sample)
    )
    operations = OperationReading(
      counts.compressed, original: counts.original, plan: plan, samples: inputs.batch)
    let original = try LatencySampler.Subject(plan: experiment.originalPlan, inputs: sample)
    let candidate = try LatencySampler.Subject(plan: plan, inputs: sample)
    try cancellation.check()
    latency = try LatencySampler(original: original, compressed: candidate)
    originalTimes = StepTimes(original)
    compressedTimes = StepTimes(candidate)
  }

  /// Whether the compressed model is the original, whose answers then need not be computed twice.
  var isOriginal: Bool {
    compressed.layers.allSatisfy { compressed.recipe.settings(for: $0.name).isIdentity }
  }

  /// Samples that were judged.
  private var samples: Int { tallies.first?.samples ?? 0 }

  var accuracyIsDone: Bool { samples >= experiment.data.count }

  var latencyIsDone: Bool {
    if latency.spent >= budget.latencyNanoseconds { return true }
    guard latency.pairs >= budget.latencyPairs, let reading = latency.reading(batch: 1, threads: 1) else {
      return false
    }
    let interval = reading.speedupInterval
    return interval.high - interval.low <= budget.latencyWidth * reading.speedup
  }

  /// Times runs for about `nanoseconds`, and a few runs layer by layer.
  mutating func measureLatency(for nanoseconds: UInt64) throws {
    try latency.sample(for: nanoseconds, cancellation: cancellation)
    let start = MonotonicTime.nanoseconds
    while originalTimes.count < Trial.timedRuns {
      try cancellation.check()
      try originalTimes.run()
      try compressedTimes.run()
      if MonotonicTime.nanoseconds - start > nanoseconds / 5 { break }
    }
  }

  /// Judges more samples, for about `nanoseconds` or until `limit` are seen.
  mutating func measureAccuracy(for nanoseconds: UInt64, limit: Int) throws {
    let start = MonotonicTime.nanoseconds
    let end = min(limit, experiment.data.count)
    while samples < end {
      try cancellation.check()
      let answers: (original: Answers, compressed: Answers)
      let next: Int
      if isOriginal {
        next = min(samples + (try experiment.originalRunner().round), end)
        let same = try experiment.originalAnswers(to: samples..<next, cancellation: cancellation)
        answers = (same, same)
      } else {
        let runner = try runner ?? experiment.runner(compressed.model.graph)
        self.runner = runner
        next = min(samples + runner.round, experiment.data.count)
        let range = samples..<next
        answers = (
          try experiment.originalAnswers(to: range, cancellation: cancellation),
          try runner.answers(to: range, cancellation: cancellation)
        )
      }
      for index in tallies.indices {
        tallies[index].extend(to: next, original: answers.original, compressed: answers.compressed)
      }
      if MonotonicTime.nanoseconds - start > nanoseconds { break }
    }
  }

  /// What the answers so far say; nil before the first.
  private var accuracy: AccuracyReading? {
    guard samples > 0, let headline = tallies.first else { return nil }
    let (total, name) = (experiment.data.count, experiment.data.name)
    var reading = headline.reading(totalSamples: total, data: name)
    let others = tallies.dropFirst().map { tally in
      let other = tally.reading(totalSamples: total, data: name)
      return OutputReading(
        output: tally.output.name, metric: other.metric, value: other.value, asides: other.asides ?? [])
    }
    if !others.isEmpty { reading.otherOutputs = others }
    if !experiment.judging.leftOut.isEmpty { reading.leftOut = experiment.judging.leftOut }
    return reading
  }

  /// Everything found so far.
  func measurement(stage: Readings.Stage) -> Readings {
    var measurement = Trial.sizeOnly(compressed, experiment: experiment)
    measurement.stage = stage
    measurement.latency = latency.reading(
      batch: plan.samplesPerRun(experiment.axes), threads: experiment.options.latencyThreads)
    measurement.accuracy = accuracy
    measurement.operations = operations
    measurement.layers = report.readings(
      of: compressed, plan: plan, times: (original: originalTimes, compressed: compressedTimes))
    return measurement
  }

  /// An estimate by `model`, or what the processor's counter shows where it can be read.
  func energy(
    model: EnergyModel, meter: EnergyMeter?, original: CompressedModel
  ) throws -> EnergyReading {
    if let meter, let measured = try measuredEnergy(meter) { return measured }
    func joules(_ plan: ModelPlan, _ counts: [String: Int]?, _ compressed: CompressedModel) -> Double {
      model.joules(
        EnergyDemand(of: plan, counts: counts, storedBytes: compressed.size.bytes, cache: model.cacheBytes))
    }
    return EnergyReading(
      joules: joules(plan, counts.compressed, compressed),
      originalJoules: joules(experiment.originalPlan, counts.original, original), source: .estimated,
      model: model.name)
  }

  private func measuredEnergy(_ meter: EnergyMeter) throws -> EnergyReading? {
    let burst: UInt64 = 50_000_000
    var joules = (original: 0.0, compressed: 0.0)
    var runs = (original: 0, compressed: 0)
    for _ in 0..<2 {
      for isCompressed in [false, true] {
        guard let before = meter.read() else { return nil }
        let start = MonotonicTime.nanoseconds
        var count = 0
        while MonotonicTime.nanoseconds - start < burst {
          try cancellation.check()
          try latency.run(compressed: isCompressed)
          count += 1
        }
        guard let after = meter.read() else { return nil }
        let used = meter.joules(from: before, to: after)
        if isCompressed {
          joules.compressed += used
          runs.compressed += count
        } else {
          joules.original += used
          runs.original += count
        }
      }
    }
    return EnergyReading(
      joules: joules.compressed / Double(runs.compressed),
      originalJoules: joules.original / Double(runs.original),
      source: .measured, model: "RAPL package")
  }

  /// The first stage, known before anything runs.
  static func sizeOnly(_ compressed: CompressedModel, experiment: Experiment) -> Readings {
    let size = compressed.size
    var reading = SizeReading(
      bytes: size.bytes, originalBytes: size.originalBytes, parameters: size.parameters,
      nonzeros: size.nonzeros)
    reading.originalParameters = experiment.model.parameterCount
    let report = LayerReport(catalog: experiment.compressor.catalog, originalPlan: experiment.originalPlan)
    return Readings(
      stage: .size, size: reading,
      layers: report.readings(of: compressed, plan: nil, times: nil))
  }
}
