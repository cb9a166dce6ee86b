import Dispatch
import Execution
import GraphIR
import Synchronization
import TensorCore

/// Runs a plan over samples with several workers and collects what is kept of its outputs.
final class BatchRunner: Sendable {
  let plan: ModelPlan
  private let outputs: [Output]
  private let slices: BatchSlices
  private let data: SampleInputs
  private let workers: [Worker]

  /// An output that is read, and what is kept of a sample's numbers.
  struct Reader: Sendable {
    let name: String
    let read: @Sendable (UnsafeBufferPointer<Float>, inout [Float]) -> Void
  }

  private struct Output: Sendable {
    let reader: Reader
    let layout: OutputLayout
    let isPlainFloat: Bool
  }

  /// A worker's memory. Unchecked because a context is not `Sendable`: worker i alone uses the i-th.
  private struct Worker: @unchecked Sendable {
    let context: ModelContext
  }

  /// - Parameter single: the original's plan for single samples, which tells where outputs have them.
  /// - Throws: `EvaluationError` where an output has no samples told apart: the graph holds another batch size.
  init(
    plan: ModelPlan, readers: [Reader], single: ModelPlan, data: SampleInputs, threads: Int
  ) throws {
    self.plan = plan
    self.data = data
    slices = try BatchSlices(plan: plan, data: data)
    outputs = try readers.map { reader in
      Output(
        reader: reader, layout: try OutputLayout.of(reader.name, in: plan, single: single, data.axes),
        isPlainFloat: plan.outputs.first { $0.name == reader.name }?.type.dataType == .float32)
    }
    workers = (0..<max(1, threads)).map { _ in Worker(context: plan.makeContext()) }
  }

  /// Samples that one round of all workers takes.
  var round: Int { slices.batch * workers.count }

  /// The answers to samples `range`, in order. Not to be called by two threads at once.
  /// - Throws: `CancellationError` between batches, or what running throws.
  func answers(to range: Range<Int>, cancellation: Cancellation) throws -> Answers {
    let runs = slices.slices(of: range)
    let parts = Mutex<[Answers?]>(Array(repeating: nil, count: runs.count))
    let failure = Mutex<(any Error)?>(nil)
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: min(workers.count, runs.count)) { worker in
      do {
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < runs.count else { return }
          try cancellation.check()
          let part = try self.answers(to: runs[index], on: self.workers[worker].context)
          parts.withLock { $0[index] = part }
        }
      } catch {
        failure.withLock { $0 = $0 ?? error }
        next.store(runs.count, ordering: .relaxed)
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    var all = Answers(outputs: outputs.count)
    for part in parts.withLock({ $0 }) { if let part { all.append(part) } }
    return all
  }

  private func answers(
    to slice: (run: Range<Int>, new: Range<Int>), on context: ModelContext
  ) throws -> Answers {
    let first = slice.run.lowerBound
    let rows = slice.new.lowerBound - first..<slice.new.upperBound - first
    var steps: [Answers] = []
    for step in 0..<data.steps {
      var inputs = try data.slice(slice.run, step: step)
      if step > 0 {
        for (state, output) in data.states.outputs { inputs[state] = try context.value(output) }
      }
      for (name, tensor) in inputs { try context.setInput(name, tensor) }
      try plan.run(in: context)
      var answers = Answers(outputs: outputs.count)
      for (index, output) in outputs.enumerated() {
        try withValues(of: output, in: context) { values in
          answers.edit(index) { numbers in
            output.layout.forEach(rows, of: values) { output.reader.read($0, &numbers) }
          }
        }
      }
      steps.append(answers)
    }
    return steps.count == 1 ? steps[0] : Answers(steps: steps, samples: rows.count)
  }

  private func withValues(
    of output: Output, in context: ModelContext, _ body: (UnsafeBufferPointer<Float>) -> Void
  ) throws {
    if output.isPlainFloat, !plan.isStaged {
      return try context.withOutput(output.reader.name, of: Float.self, body)
    }
    // An output whose size follows from the data is cut or filled with zeros to the size of the first run.
    var values = try context.value(output.reader.name).floats
    let elements = output.layout.size * output.layout.batch
    if values.count > elements { values.removeLast(values.count - elements) }
    values += [Float](repeating: 0, count: elements - values.count)
    values.withUnsafeBufferPointer(body)
  }
}
