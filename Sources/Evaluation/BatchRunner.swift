import Dispatch
import Execution
import GraphIR
import Synchronization
import TensorCore

/// Runs a plan over evaluation samples with several workers and collects the answers.
final class BatchRunner: Sendable {
  let plan: ModelPlan
  private let output: String
  /// Of the output, as planned.
  private let elements: Int
  private let isPlainFloat: Bool
  private let slices: BatchSlices
  private let data: SampleInputs
  private let workers: [Worker]

  /// A worker's memory. Unchecked because a context is not `Sendable`: worker i alone uses the i-th.
  private struct Worker: @unchecked Sendable {
    let context: ModelContext
  }

  /// - Throws: `EvaluationError` where the plan's output is not one row per sample: the graph holds another batch size.
  init(plan: ModelPlan, output: String, data: SampleInputs, threads: Int) throws {
    self.plan = plan
    self.output = output
    self.data = data
    slices = try BatchSlices(plan: plan, data: data)
    let found = plan.outputs.first { $0.name == output }?.type
    let type = found.map { BatchRunner.scored($0, of: plan) }
    guard let type, type.shape.rank > 0, type.shape[0] == slices.batch else {
      throw EvaluationError.output(
        expected: "\(slices.batch) rows for as many samples", found: type.map { "\($0)" } ?? "missing")
    }
    elements = type.shape.count
    isPlainFloat = type.dataType == .float32
    workers = (0..<max(1, threads)).map { _ in Worker(context: plan.makeContext()) }
  }

  /// The type that scores are read from: a single sample's output whose first axis does not count samples is taken whole.
  static func scored(_ type: TensorType, of plan: ModelPlan) -> TensorType {
    guard plan.samplesPerRun == 1, type.shape.dimensions.first != 1 else { return type }
    return TensorType(type.dataType, Shape(known: [1] + type.shape.dimensions))
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
    if isPlainFloat, !plan.isStaged {
      try context.withOutput(output, of: Float.self) {
        scorer.read($0, batch: slice.run.count, rows: rows, into: &answers)
      }
      return answers
    }
    // An output whose size follows from the data is cut or filled with zeros to the size of the first run.
    var values = try context.value(output).floats
    if values.count > elements { values.removeLast(values.count - elements) }
    values += [Float](repeating: 0, count: elements - values.count)
    values.withUnsafeBufferPointer {
      scorer.read($0, batch: slice.run.count, rows: rows, into: &answers)
    }
    return answers
  }
}
