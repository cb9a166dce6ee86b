import Compression
import Dispatch
import Execution
import GraphIR
import Kernels
import Synchronization
import TensorCore

/// Forward runs over calibration data, from which activation ranges are found.
package struct CalibrationRunner: ActivationSource {
  private let data: CalibrationData
  private let level: CPUFeatureLevel
  private let threads: Int
  private let batch: Int

  /// A worker's memory. Unchecked because a context is not `Sendable`: worker i alone uses the i-th.
  private struct Worker: @unchecked Sendable {
    let context: ModelContext
  }

  /// - Parameter batch: samples per run, where the model leaves it open.
  package init(data: CalibrationData, level: CPUFeatureLevel, threads: Int, batch: Int = 32) {
    self.data = data
    self.level = level
    self.threads = max(1, threads)
    self.batch = max(1, batch)
  }

  /// Every sample is seen once, in a fixed order, whatever the number of threads. A value whose outermost axis is not the
  /// batch may see those of the last batch twice.
  package func observe(
    _ values: Set<String>, of graph: Graph, samples: Int?,
    body: (String, Shape, UnsafeBufferPointer<Float>) -> Void
  ) throws {
    let count = min(data.count, max(1, samples ?? data.count))
    let plan = try plan(graph, keeping: values)
    let runs = try BatchSlices(plan: plan, data: data.samples).slices(of: 0..<count)
    let workers = (0..<min(threads, runs.count)).map { _ in Worker(context: plan.makeContext()) }
    let names = values.sorted()
    for start in stride(from: 0, to: runs.count, by: workers.count) {
      try Task.checkCancellation()
      let group = runs[start..<min(start + workers.count, runs.count)]
      try run(plan, group, on: workers)
      for (worker, slice) in zip(workers, group) {
        // A value inside a nested graph cannot be read; nobody asks for its range.
        for name in names {
          guard let shape = worker.context.type(of: name)?.shape else { continue }
          try worker.context.withOutput(name, of: Float.self) { elements in
            let skipped = slice.new.lowerBound - slice.run.lowerBound
            // Whole rows per sample, unless the outermost axis is not the batch.
            guard slice.new.count < slice.run.count, shape.rank > 0, shape[0] % slice.run.count == 0 else {
              return body(name, shape, elements)
            }
            let rows = shape[0] / slice.run.count * slice.new.count
            let sample = elements.count / slice.run.count
            body(
              name, Shape(known: [rows] + shape.dimensions.dropFirst()),
              UnsafeBufferPointer(rebasing: elements[sample * skipped..<sample * (skipped + slice.new.count)])
            )
          }
        }
      }
    }
  }

  /// Where a graph holds its batch size in constants, it is run sample by sample.
  private func plan(_ graph: Graph, keeping values: Set<String>) throws -> ModelPlan {
    func plan(batch: Int) throws -> ModelPlan {
      let options = PlanOptions(
        batch: batch, dimensions: data.samples.axes.dimensions(of: graph.inputs, batch: batch), level: level,
        forms: .stored, keep: values)
      return try ModelPlan(graph: graph, options: options, trial: data.samples.first(batch, for: graph))
    }
    let batch = min(batch, data.count)
    do { return try plan(batch: batch) } catch  where batch > 1 { return try plan(batch: 1) }
  }

  /// One batch for each worker, at the same time.
  private func run(
    _ plan: ModelPlan, _ group: ArraySlice<(run: Range<Int>, new: Range<Int>)>, on workers: [Worker]
  ) throws {
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: group.count) { index in
      do {
        let context = workers[index].context
        let inputs = try data.samples.slice(group[group.startIndex + index].run)
        for (name, tensor) in inputs { try context.setInput(name, tensor) }
        try plan.run(in: context)
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
