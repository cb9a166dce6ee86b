import Dispatch
import Execution
import GraphIR
import Synchronization
import TensorCore

/// Runs a plan over evaluation samples with several workers and collects the answers.
final class BatchRunner: Sendable {
  let plan: ModelPlan
  private let output: String
  private let layout: OutputLayout
  private let isPlainFloat: Bool
  private let slices: BatchSlices
  private let data: SampleInputs
  private let workers: [Worker]

  /// A worker's memory. Unchecked because a context is not `Sendable`: worker i alone uses the i-th.
  private struct Worker: @unchecked Sendable {
    let context: ModelContext
  }

  /// - Parameter single: the original's plan for single samples, which tells where outputs have them.
  /// - Throws: `EvaluationError` where the plan's output has no samples told apart: the graph holds another batch size.
  init(plan: ModelPlan, output: String, single: ModelPlan, data: SampleInputs, threads: Int) throws {
    self.plan = plan
    self.output = output
    self.data = data
    slices = try BatchSlices(plan: plan, data: data)
    layout = try OutputLayout.of(output, in: plan, single: single, data.axes)
    isPlainFloat = plan.outputs.first { $0.name == output }?.type.dataType == .float32
    workers = (0..<max(1, threads)).map { _ in Worker(context: plan.makeContext()) }
  }

  /// Samples that one round of all workers takes.
  var round: Int { slices.batch * workers.count }

  /// The answers to samples `range`, in order. Not to be called by two threads at once.
  /// - Throws: `CancellationError` between batches, or what running throws.
  func answers(to range: Range<Int>, scorer: Scorer, cancellation: Cancellation) throws -> Answers {
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
          let part = try self.answers(to: runs[index], on: self.workers[worker].context, scorer: scorer)
          parts.withLock { $0[index] = part }
        }
      } catch {
        failure.withLock { $0 = $0 ?? error }
        next.store(runs.count, ordering: .relaxed)
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    var all = Answers()
    for part in parts.withLock({ $0 }) { if let part { all.append(part) } }
    return all
  }

  private func answers(
    to slice: (run: Range<Int>, new: Range<Int>), on context: ModelContext, scorer: Scorer
  ) throws -> Answers {
    for (name, tensor) in try data.slice(slice.run) { try context.setInput(name, tensor) }
    try plan.run(in: context)
    var answers = Answers()
    let first = slice.run.lowerBound
    let rows = slice.new.lowerBound - first..<slice.new.upperBound - first
    func read(_ output: UnsafeBufferPointer<Float>) {
      layout.forEach(rows, of: output) { scorer.read($0, into: &answers) }
    }
    if isPlainFloat, !plan.isStaged {
      try context.withOutput(output, of: Float.self, read)
      return answers
    }
    // An output whose size follows from the data is cut or filled with zeros to the size of the first run.
    var values = try context.value(output).floats
    let elements = layout.size * layout.batch
    if values.count > elements { values.removeLast(values.count - elements) }
    values += [Float](repeating: 0, count: elements - values.count)
    values.withUnsafeBufferPointer(read)
    return answers
  }
}
