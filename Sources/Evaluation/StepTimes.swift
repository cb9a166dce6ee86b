import Execution
import TensorCore

/// Times of a plan's single steps over several runs.
struct StepTimes {
  private let subject: LatencySampler.Subject
  private var runs: [[Double]] = []

  init(_ subject: LatencySampler.Subject) { self.subject = subject }

  var count: Int { runs.count }

  mutating func run() throws {
    let steps = subject.plan.steps.count
    let times = try [UInt64](unsafeUninitializedCapacity: steps) { buffer, count in
      buffer.initialize(repeating: 0)
      count = steps
      try subject.plan.runTimed(
        in: subject.context, stepNanoseconds: UnsafeMutableBufferPointer(rebasing: buffer[..<steps]))
    }
    runs.append(times.map { Double($0) })
  }

  /// Median nanoseconds of the steps that compute any of `nodes`, together; nil before a run, or where no step does.
  func nanoseconds(of nodes: Set<String>) -> Double? {
    let steps = subject.plan.steps.indices.filter { index in
      let step = subject.plan.steps[index]
      return step.layer.map(nodes.contains) ?? !nodes.isDisjoint(with: step.nodes)
    }
    guard !steps.isEmpty else { return nil }
    return Statistics.median(runs.map { run in steps.reduce(0) { $0 + run[$1] } })
  }
}
