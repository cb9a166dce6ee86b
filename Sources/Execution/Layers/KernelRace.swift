import Kernels

/// Times two kernels of one layer against each other.
enum KernelRace {
  /// Rows beyond which a kernel's time per row no longer changes.
  private static let mostRows = 96
  /// Nanoseconds after which no further round is started, once there are enough.
  private static let budget = 2_000_000.0
  private static let rounds = 3...9

  /// The fastest of short interleaved runs, after one that warms both up: other programs only ever add time, and to
  /// one of the two.
  static func run(dense: LayerKernel, sparse: LayerKernel, rows: Int) -> KernelChoiceCache.Choice {
    guard case .float(let first) = dense else { return KernelChoiceCache.Choice(sparse: 1, dense: 0) }
    let rows = min(rows, mostRows)
    let (depth, outputs) = (first.inputs, first.outputs)
    let scratchBytes = max(dense.scratchBytes(rows: rows), sparse.scratchBytes(rows: rows)) + 64
    let x = UnsafeMutableRawPointer.allocate(byteCount: rows * depth * 4 + 64, alignment: 64)
    let y = UnsafeMutableRawPointer.allocate(byteCount: rows * outputs * 4 + 64, alignment: 64)
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: scratchBytes, alignment: 64)
    defer {
      x.deallocate()
      y.deallocate()
      scratch.deallocate()
    }
    // Ones: neither denormals nor zeros that an early exit could use.
    x.initializeMemory(as: Float.self, repeating: 1, count: rows * depth)
    func time(_ kernel: LayerKernel) -> Double {
      let start = MonotonicTime.nanoseconds
      kernel.multiply(
        rows: rows, x: x, ldx: depth, y: y, ldy: outputs, epilogue: Epilogue(), scratch: scratch)
      return Double(MonotonicTime.nanoseconds - start)
    }
    var spent = time(dense) + time(sparse)
    var times: (dense: [Double], sparse: [Double]) = ([], [])
    for round in 1...rounds.upperBound {
      times.dense.append(time(dense))
      times.sparse.append(time(sparse))
      spent += (times.dense.last ?? 0) + (times.sparse.last ?? 0)
      if spent > budget && round >= rounds.lowerBound { break }
    }
    return KernelChoiceCache.Choice(sparse: times.sparse.min() ?? 0, dense: times.dense.min() ?? 0)
  }
}
