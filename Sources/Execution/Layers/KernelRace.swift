import Kernels

/// Times kernels of one layer against each other.
enum KernelRace {
  /// Rows beyond which a kernel's time per row no longer changes.
  private static let mostRows = 96
  /// Nanoseconds after which no further round is started, once there are enough.
  private static let budget = 2_000_000.0
  private static let rounds = 3...9

  /// The fastest of short interleaved runs, after one that warms all up: other programs only ever add time, and to
  /// one of them.
  static func run(_ candidates: [MatrixForm: LayerKernel], rows: Int) -> KernelChoiceCache.Choice {
    let forms = candidates.keys.sorted { $0.rawValue < $1.rawValue }
    let kernels = forms.compactMap { form -> (form: MatrixForm, kernel: any MatrixKernel)? in
      guard case .float(let kernel)? = candidates[form] else { return nil }
      return (form, kernel)
    }
    guard let first = kernels.first?.kernel else { return KernelChoiceCache.Choice(times: [:]) }
    let rows = min(rows, mostRows)
    let (depth, outputs) = (first.inputs, first.outputs)
    let scratchBytes = (kernels.map { $0.kernel.scratchBytes(rows: rows) }.max() ?? 0) + 64
    let x = UnsafeMutablePointer<Float>.allocate(capacity: rows * depth + 16)
    let y = UnsafeMutablePointer<Float>.allocate(capacity: rows * outputs + 16)
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: scratchBytes, alignment: 64)
    defer {
      x.deallocate()
      y.deallocate()
      scratch.deallocate()
    }
    // Ones: neither denormals nor zeros that an early exit could use.
    x.initialize(repeating: 1, count: rows * depth + 16)
    func time(_ kernel: any MatrixKernel) -> Double {
      let start = MonotonicTime.nanoseconds
      kernel.multiply(
        rows: rows, x: x, ldx: depth, y: y, ldy: outputs, epilogue: Epilogue(), scratch: scratch)
      return Double(MonotonicTime.nanoseconds - start)
    }
    var spent = kernels.reduce(0) { $0 + time($1.kernel) }
    var times: [MatrixForm: Double] = [:]
    for round in 1...rounds.upperBound {
      for (form, kernel) in kernels {
        let taken = time(kernel)
        spent += taken
        times[form] = min(times[form] ?? .infinity, taken)
      }
      if spent > budget && round >= rounds.lowerBound { break }
    }
    return KernelChoiceCache.Choice(times: times)
  }
}
