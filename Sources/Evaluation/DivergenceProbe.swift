import Execution
import GraphIR
import TensorCore

/// Runs compressed forms of a model on a few calibration samples and compares outputs with the original's.
final class DivergenceProbe: Sendable {
  private let original: [Float]
  private let count: Int

  /// Samples compared: enough to rank layers, few enough to probe many, and no more values than this.
  private static let mostSamples = 64
  private static let mostValues = 16 << 20

  /// - Throws: what planning or running the original throws.
  init(_ experiment: Experiment, cancellation: Cancellation) throws {
    let size = experiment.judging.headline.sample.reduce(1, *)
    let fitting = max(4, DivergenceProbe.mostValues / max(1, size))
    count = min(DivergenceProbe.mostSamples, experiment.calibration.count, fitting)
    original = try DivergenceProbe.outputs(experiment.model.graph, experiment, count, cancellation)
  }

  func divergence(
    of graph: Graph, _ experiment: Experiment, cancellation: Cancellation
  ) throws -> DivergenceReading {
    let outputs = try DivergenceProbe.outputs(graph, experiment, count, cancellation)
    return DivergenceReading(
      original: original, compressed: outputs, classes: experiment.judging.headline.judge.grid?.classes ?? 1,
      samples: count, data: experiment.calibration.name)
  }

  /// What the task reads of the headline's output: the scores at its positions, those of one position together, or all
  /// values of an output without classes.
  private static func outputs(
    _ graph: Graph, _ experiment: Experiment, _ count: Int, _ cancellation: Cancellation
  ) throws -> [Float] {
    let grid = experiment.judging.headline.judge.grid
    let reader = BatchRunner.Reader(name: experiment.output) { sample, values in
      if let grid { grid.appendScores(of: sample, to: &values) } else { values += sample }
    }
    let data = experiment.calibration.samples
    func run(batch: Int) throws -> [Float] {
      // Which kernel runs does not matter here, so none are raced.
      let options = PlanOptions(
        batch: batch, dimensions: experiment.axes.dimensions(of: graph.inputs, batch: batch),
        level: experiment.options.level, forms: .stored)
      let plan = try ModelPlan(graph: graph, options: options, trial: data.first(batch, for: graph))
      let runner = try BatchRunner(
        plan: plan, readers: [reader], single: experiment.originalPlan, data: data, threads: 1)
      return try runner.answers(to: 0..<count, cancellation: cancellation).outputs[0]
    }
    // Where a graph holds its batch size in constants, it is run as that says.
    let batch = min(count, 16)
    do { return try run(batch: batch) } catch  where batch > 1 && !(error is CancellationError) {
      return try run(batch: 1)
    }
  }
}
