import Operators

/// One way to cut a step into pieces that can run in any order, or at the same time, and write what the whole would.
///
/// Pieces differ in which outputs they write, never in how a sum is made: the result does not depend on the cuts.
/// (Kernels add in another order where few rows are left over, so cuts through rows lie at whole tiles.)
struct Slicing: Sendable {
  /// Rows, pixels, samples or outputs: what is cut.
  let count: Int
  /// Cuts lie at multiples of it.
  let unit: Int
  /// Fewest of a piece.
  let minimum: Int
  /// Bytes from one to the next, per input and output of the step; 0 where every piece is given the start.
  let inputStrides: [Int]
  let outputStrides: [Int]
  /// Whether the pieces are samples of a batch, so that a run of such steps can take a few samples at a time.
  let isSamples: Bool
  /// Whether cuts leave every sum as it is; else it serves only where they do not depend on the number of threads.
  let isExact: Bool
  /// Work that every piece repeats, as a share of the whole.
  let overhead: Double
  /// The code for one piece, its pointers already moved by the strides.
  let make: @Sendable (Range<Int>) throws -> OperatorBody

  init(
    count: Int, unit: Int = 1, minimum: Int = 1, inputStrides: [Int], outputStrides: [Int],
    isSamples: Bool = false, isExact: Bool = true, overhead: Double = 0,
    make: @escaping @Sendable (Range<Int>) throws -> OperatorBody
  ) {
    self.count = count
    self.unit = unit
    self.minimum = minimum
    self.inputStrides = inputStrides
    self.outputStrides = outputStrides
    self.isSamples = isSamples
    self.isExact = isExact
    self.overhead = overhead
    self.make = make
  }

  /// At most `parts` ranges of nearly equal size, cut at multiples of `unit`, none smaller than `minimum`.
  func ranges(_ parts: Int) -> [Range<Int>] {
    let units = (count + unit - 1) / unit
    var parts = max(1, min(parts, units, count / max(1, minimum)))
    while true {
      let cuts = (0...parts).map { min(count, units * $0 / parts * unit) }
      let ranges = zip(cuts, cuts.dropFirst()).map { $0..<$1 }
      if parts == 1 || ranges.allSatisfy({ $0.count >= max(1, minimum) }) { return ranges }
      parts -= 1
    }
  }

  /// The share of the whole that the largest of `ranges` takes, with what it repeats.
  func share(_ ranges: [Range<Int>]) -> Double {
    let largest = ranges.map(\.count).max() ?? count
    return Double(largest) / Double(max(1, count)) + (ranges.count > 1 ? overhead : 0)
  }
}

/// A piece of a step with what its pointers are moved by, in bytes.
struct StepPart: Sendable {
  let body: OperatorBody
  let inputShifts: [Int]
  let outputShifts: [Int]
}

extension Program.Step {
  /// Estimated nanoseconds below which handing a part to another thread costs more than it saves: waking a waiting
  /// thread and collecting its result took 0.6 us (Zen 3, two cores of one complex), a cold second cache the rest.
  static let worthSharing = 5000.0

  /// The step cut for `threads` threads by the slicing that balances best; whole where it is small or cannot be cut.
  func parts(threads: Int) throws -> [StepPart] {
    let whole = [
      StepPart(
        body: body, inputShifts: Array(repeating: 0, count: inputs.count),
        outputShifts: Array(repeating: 0, count: outputs.count))
    ]
    guard threads > 1, nanoseconds >= Program.Step.worthSharing else { return whole }
    var best: (slicing: Slicing, ranges: [Range<Int>], share: Double)?
    for slicing in slicings where slicing.isExact {
      let ranges = slicing.ranges(threads)
      let share = slicing.share(ranges)
      if ranges.count > 1, share < best?.share ?? 0.95 { best = (slicing, ranges, share) }
    }
    guard let best else { return whole }
    return try best.ranges.map { range in
      StepPart(
        body: try best.slicing.make(range),
        inputShifts: best.slicing.inputStrides.map { $0 * range.lowerBound },
        outputShifts: best.slicing.outputStrides.map { $0 * range.lowerBound })
    }
  }
}
