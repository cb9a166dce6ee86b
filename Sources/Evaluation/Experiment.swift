import Compression
import Execution
import GraphIR
import Kernels
import Synchronization
import TensorCore

/// A model made ready to be measured against compressed forms of itself: planned once, its answers to the evaluation
/// data kept.
package final class Experiment: Sendable {
  package struct Options: Sendable {
    package var level: CPUFeatureLevel
    /// Workers for accuracy.
    package var threads: Int
    /// Threads that share one run whose latency is measured.
    package var latencyThreads: Int
    /// Samples per accuracy run, where the model leaves it open.
    package var batch: Int
    /// The output that is judged; nil for the first that depends on what is fed.
    package var output: String?
    /// How it is judged; nil for what fits the data and the output.
    package var metric: Metric?
    /// Of a sequence without labels, the positions that the task reads; nil for all.
    package var positions: Range<Int>?
    /// Where inputs have their samples; nil to find it in the graph.
    package var axes: SampleAxes?

    package init(
      level: CPUFeatureLevel = .detected, threads: Int, latencyThreads: Int = 1, batch: Int = 64,
      output: String? = nil, metric: Metric? = nil, axes: SampleAxes? = nil
    ) {
      self.level = level
      self.threads = max(1, threads)
      self.latencyThreads = max(1, latencyThreads)
      self.batch = max(1, batch)
      self.output = output
      self.metric = metric
      self.axes = axes
    }
  }

  package let model: Model
  package let data: EvaluationData
  package let compressor: Compressor
  package let options: Options
  package let machine: MachineDescription
  /// Sentences about what was decided of outputs and labels.
  package let notices: [String]
  /// Which outputs are judged, and how.
  let judging: OutputJudging
  /// Where inputs and outputs have their samples.
  let axes: SampleAxes
  let originalPlan: ModelPlan
  let choices = KernelChoiceCache()
  private let batchRunner = Once<BatchRunner>()
  private let deflated = Once<Int>()
  private let probe = Once<DivergenceProbe>()
  private let multiplyAdds = Once<[String: Int]?>()
  /// What ranges are found on, and layers are probed on.
  package let calibration: CalibrationData
  private let answers: Mutex<KnownAnswers>

  /// Plans the original at batch 1, which finds everything that keeps the model from running.
  ///
  /// - Parameters:
  ///   - evaluation: nil for seeded synthetic samples, judged by fidelity.
  ///   - calibration: nil for seeded synthetic samples, different from those evaluated on.
  /// - Throws: what planning throws, or `EvaluationError` where the data does not fit.
  package init(
    model: Model, evaluation: Dataset?, calibration: Dataset?, options: Options
  ) throws {
    self.model = model
    self.options = options
    let graph = model.graph
    if let output = options.output, !graph.outputs.contains(where: { $0.name == output }) {
      throw EvaluationError.unknownOutput(name: output, choices: graph.outputs.map(\.name))
    }
    let axes = options.axes ?? SampleAxes(finding: graph)
    self.axes = axes
    let data =
      try evaluation.map { try EvaluationData($0, for: graph, axes: axes) }
      ?? EvaluationData(syntheticFor: graph, axes: axes)
    originalPlan = try ModelPlan(
      graph: graph,
      options: PlanOptions(
        dimensions: axes.dimensions(of: graph.inputs, batch: 1), level: options.level, choices: choices,
        threads: options.latencyThreads),
      trial: data.samples.first(for: graph))
    var positions = options.positions
    if case .sequence(let start, let length) = data.task { positions = start..<start + max(0, length) }
    judging = try OutputJudging(
      graph, plan: originalPlan, data: data, axes: axes, output: options.output, metric: options.metric,
      positions: positions)
    notices = judging.notices
    let widths = judging.all.map(\.judge.width)
    answers = Mutex(KnownAnswers(widths: widths))
    self.data = data.fitted(
      toAnswersOf: widths.reduce(0, +) * MemoryLayout<Float>.stride,
      atLeast: originalPlan.samplesPerRun(axes))
    let ranges =
      try calibration.map { try CalibrationData($0, for: graph, axes: axes) }
      ?? CalibrationData(syntheticFor: graph, axes: axes)
    self.calibration = ranges
    compressor = Compressor(
      model: model,
      activations: CalibrationRunner(data: ranges, level: options.level, threads: options.threads))
    machine = MachineDescription.current(
      level: options.level, threads: options.threads, latencyThreads: options.latencyThreads)
  }

  /// A plan for one run at a time, as latency is measured.
  func plan(_ graph: Graph) throws -> ModelPlan {
    try ModelPlan(
      graph: graph,
      options: PlanOptions(
        dimensions: axes.dimensions(of: graph.inputs, batch: 1), level: options.level, choices: choices,
        threads: options.latencyThreads),
      trial: data.samples.first(for: graph))
  }

  /// A runner for accuracy. Where a graph holds its batch size in constants, it is run sample by sample.
  func runner(_ graph: Graph) throws -> BatchRunner {
    let batch = batch
    do {
      let options = PlanOptions(
        batch: batch, dimensions: axes.dimensions(of: graph.inputs, batch: batch), level: options.level,
        choices: choices)
      let plan = try ModelPlan(graph: graph, options: options, trial: data.samples.first(batch, for: graph))
      return try runner(plan)
    } catch  where batch > 1 {
      return try runner(plan(graph))
    }
  }

  private func runner(_ plan: ModelPlan) throws -> BatchRunner { try runner(plan, on: data.samples) }

  /// Of a plan made already, on other samples.
  func runner(_ plan: ModelPlan, on data: SampleInputs) throws -> BatchRunner {
    try BatchRunner(
      plan: plan, readers: judging.all.map { BatchRunner.Reader(name: $0.name, read: $0.judge.read) },
      single: originalPlan, data: data, threads: options.threads)
  }

  /// The output whose score is the model's, and by what it is judged.
  package var output: String { judging.headline.name }
  package var metric: Metric { judging.headline.metric }

  /// Samples of a run for accuracy, as far as their intermediate values fit into some memory together.
  private var batch: Int {
    let fitting = Experiment.memoryOfRun / max(1, originalPlan.arenaBytes)
    return min(options.batch, data.count, max(1, fitting))
  }
  private static let memoryOfRun = 256 << 20

  func originalRunner() throws -> BatchRunner { try batchRunner.value { try runner(model.graph) } }

  /// The original's answers to samples `range`; those that are not known yet are computed now.
  func originalAnswers(to range: Range<Int>, cancellation: Cancellation) throws -> Answers {
    let runner = try originalRunner()
    return try answers.withLock { known in
      while known.samples < range.upperBound, known.isOpen {
        let next = min(known.samples + runner.round, data.count)
        let more = try runner.answers(to: known.samples..<next, cancellation: cancellation)
        known.take(more, count: next - known.samples)
      }
      if range.upperBound <= known.samples { return known[range] }
      return try runner.answers(to: range, cancellation: cancellation)
    }
  }

  func divergenceProbe(cancellation: Cancellation) throws -> DivergenceProbe {
    try probe.value { try DivergenceProbe(self, cancellation: cancellation) }
  }

  /// Of one run on `inputs`, by node; nil where they cannot be counted.
  func originalMultiplyAdds(_ inputs: [String: Tensor]) -> [String: Int]? {
    multiplyAdds.value { MultiplyAdds.byNode(model.graph, inputs: inputs) }
  }

  func originalDeflatedBytes(cancellation: Cancellation) throws -> Int {
    try deflated.value { try Deflate.byteCount(of: model.graph, cancellation: cancellation) }
  }
}
