import Compression
import Execution
import GraphIR
import Kernels
import TensorCore

/// Forward runs over calibration data, from which activation ranges are found.
package struct CalibrationRunner: ActivationSource {
  private let data: CalibrationData
  private let level: CPUFeatureLevel
  private let batch: Int

  /// - Parameter batch: samples per run, where the model leaves it open.
  package init(data: CalibrationData, level: CPUFeatureLevel, batch: Int = 64) {
    self.data = data
    self.level = level
    self.batch = batch
  }

  /// Every sample is seen once. A value whose outermost axis is not the batch may see those of the last batch twice.
  package func observe(
    _ values: Set<String>, of graph: Graph, body: (String, UnsafeBufferPointer<Float>) -> Void
  ) throws {
    let options = PlanOptions(
      batch: min(batch, data.count), level: level, sparse: .never, keep: values)
    let plan = try ExecutionPlan(graph: graph, options: options)
    let batches = try BatchSlices(plan: plan, data: data.samples)
    let context = plan.makeContext()
    for (range, new) in batches.slices(of: 0..<data.count) {
      try _Concurrency.Task.checkCancellation()
      for (name, tensor) in try data.samples.slice(range) { try context.setInput(name, tensor) }
      try plan.run(in: context)
      for name in values.sorted() {
        try context.withOutput(name, of: Float.self) { elements in
          let row = elements.count / range.count
          body(name, UnsafeBufferPointer(rebasing: elements[((new.lowerBound - range.lowerBound) * row)...]))
        }
      }
    }
  }
}
