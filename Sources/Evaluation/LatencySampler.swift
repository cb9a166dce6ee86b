import Execution
import TensorCore

/// Times two plans against each other, run by run, on the calling thread.
///
/// The order alternates (original, compressed; compressed, original), so that a drift of the machine's speed falls on
/// both alike. A model that takes less than 20 microseconds is run several times per reading, whose mean is taken, so
/// that reading the clock does not count; its p95 is then that of such means.
struct LatencySampler {
  private let original: Subject
  private let compressed: Subject
  private let repeats: Int
  private var originalTimes: [Double] = []
  private var compressedTimes: [Double] = []
  private var ratios: [Double] = []
  /// Nanoseconds spent on timing so far.
  private(set) var spent: UInt64 = 0

  /// A plan with its memory and inputs set.
  struct Subject {
    let plan: ModelPlan
    let context: ModelContext

    init(plan: ModelPlan, inputs: [String: Tensor]) throws {
      self.plan = plan
      context = plan.makeContext()
      for (name, tensor) in inputs { try context.setInput(name, tensor) }
    }

    /// Nanoseconds per run.
    func time(repeats: Int) throws -> Double {
      let start = MonotonicTime.nanoseconds
      for _ in 0..<repeats { try plan.run(in: context) }
      return Double(MonotonicTime.nanoseconds - start) / Double(repeats)
    }
  }

  /// Warms both up: at least two runs each, more until a millisecond has passed.
  init(original: Subject, compressed: Subject) throws {
    self.original = original
    self.compressed = compressed
    var fastest = Double.infinity
    for subject in [original, compressed] {
      var total = 0.0
      var runs = 0
      while runs < 2 || (total < 1e6 && runs < 200) {
        let time = try subject.time(repeats: 1)
        fastest = min(fastest, time)
        total += time
        runs += 1
      }
    }
    repeats = max(1, Int((20_000 / max(fastest, 100)).rounded(.up)))
  }

  var pairs: Int { ratios.count }

  /// One run that is not timed.
  func run(compressed isCompressed: Bool) throws {
    let subject = isCompressed ? compressed : original
    try subject.plan.run(in: subject.context)
  }

  /// Takes pairs of readings for about `nanoseconds`, at least one.
  mutating func sample(for nanoseconds: UInt64, cancellation: Cancellation) throws {
    let start = MonotonicTime.nanoseconds
    repeat {
      try cancellation.check()
      let first: Double
      let second: Double
      if ratios.count % 2 == 0 {
        first = try original.time(repeats: repeats)
        second = try compressed.time(repeats: repeats)
      } else {
        second = try compressed.time(repeats: repeats)
        first = try original.time(repeats: repeats)
      }
      originalTimes.append(first)
      compressedTimes.append(second)
      ratios.append(first / max(second, 1))
    } while MonotonicTime.nanoseconds - start < nanoseconds
    spent += MonotonicTime.nanoseconds - start
  }

  /// What is known so far; nil before the first pair.
  func reading(batch: Int, threads: Int) -> LatencyReading? {
    let first = originalTimes.sorted()
    let second = compressedTimes.sorted()
    let sortedRatios = ratios.sorted()
    guard let p50 = Statistics.quantile(0.5, ofSorted: second),
      let p95 = Statistics.quantile(0.95, ofSorted: second),
      let originalP50 = Statistics.quantile(0.5, ofSorted: first),
      let originalP95 = Statistics.quantile(0.95, ofSorted: first),
      let speedup = Statistics.quantile(0.5, ofSorted: sortedRatios),
      let interval = Statistics.medianInterval(ofSorted: sortedRatios)
    else { return nil }
    return LatencyReading(
      p50: p50, p95: p95, originalP50: originalP50, originalP95: originalP95, speedup: speedup,
      speedupInterval: interval, runs: ratios.count * repeats, batch: batch, threads: threads)
  }
}
