import Execution
import GraphIR
import TensorCore

/// Runs compressed forms of a model on a few calibration samples and compares outputs with the original's.
final class DivergenceProbe: Sendable {
  private let data: CalibrationData
  private let original: [Float]
  private let classes: Int
  private let count: Int

  /// Samples compared: enough to rank layers, few enough to probe many.
  private static let limit = 64

  /// - Throws: what planning or running the original throws.
  init(_ experiment: Experiment, cancellation: Cancellation) throws {
    data = experiment.calibration
    count = min(DivergenceProbe.limit, data.count)
    let plan = try DivergenceProbe.plan(experiment.model.graph, experiment, count)
    original = try DivergenceProbe.outputs(plan, experiment, count, cancellation)
    let shape = plan.outputs.first { $0.name == experiment.output }?.type.shape
    classes = shape.map { $0.rank > 1 ? $0[$0.rank - 1] : 1 } ?? 1
  }

  func divergence(
    of graph: Graph, _ experiment: Experiment, cancellation: Cancellation
  ) throws -> DivergenceReading {
    let plan = try DivergenceProbe.plan(graph, experiment, count)
    let outputs = try DivergenceProbe.outputs(plan, experiment, count, cancellation)
    return DivergenceReading(
      original: original, compressed: outputs, classes: classes, samples: count, data: data.name)
  }

  /// Where a graph holds its batch size in constants, it is run as that says.
  private static func plan(_ graph: Graph, _ experiment: Experiment, _ count: Int) throws -> ModelPlan {
    func plan(batch: Int) throws -> ModelPlan {
      // Which kernel runs does not matter here, so none are raced.
      let options = PlanOptions(
        batch: batch, dimensions: experiment.axes.dimensions(of: graph.inputs, batch: batch),
        level: experiment.options.level, forms: .stored)
      return try ModelPlan(graph: graph, options: options)
    }
    let batch = min(count, 16)
    do { return try plan(batch: batch) } catch  where batch > 1 { return try plan(batch: 1) }
  }

  private static func outputs(
    _ plan: ModelPlan, _ experiment: Experiment, _ count: Int, _ cancellation: Cancellation
  ) throws -> [Float] {
    let data = experiment.calibration.samples
    let slices = try BatchSlices(plan: plan, data: data)
    let layout = try experiment.layout(of: experiment.output, in: plan)
    let context = plan.makeContext()
    var values: [Float] = []
    for slice in slices.slices(of: 0..<count) {
      try cancellation.check()
      for (name, tensor) in try data.slice(slice.run) { try context.setInput(name, tensor) }
      try plan.run(in: context)
      let first = slice.run.lowerBound
      try context.withOutput(experiment.output, of: Float.self) { elements in
        layout.forEach(slice.new.lowerBound - first..<slice.new.upperBound - first, of: elements) {
          values += $0
        }
      }
    }
    return values
  }
}
