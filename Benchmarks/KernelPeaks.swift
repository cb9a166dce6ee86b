import Foundation
import Kernels

/// What one core reaches at most: operations and bytes a second, each the best of several tries.
struct MeasuredPeaks {
  let floats: Double
  let integers: Double
  let reads: Double
  private let probe: MachinePeak

  init(_ peak: MachinePeak) {
    probe = peak
    // Far more than any cache, so that every pass reads memory.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 20, alignment: 64)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 1)
    floats = Self.best(20) { peak.floatOperations(rounds: 200_000) }
    integers = Self.best(20) { peak.integerOperations(rounds: 200_000) }
    reads = Self.best(6) { peak.read(UnsafeRawBufferPointer(memory)) }
  }

  private static func best(_ tries: Int, _ work: () -> Double) -> Double {
    (0..<tries).map { _ in MachinePeak.rate(work) }.max() ?? .nan
  }

  /// What the core reaches this moment, for arithmetic: where others share it, its speed changes from second to second.
  func now(_ bound: KernelCase.Bound) -> Double {
    switch bound {
    case .floats: probe.floatsNow
    case .integers: MachinePeak.rate { probe.integerOperations(rounds: MachinePeak.shortRounds) }
    case .reads: reads
    }
  }

  var summary: String {
    String(
      format: "peaks: %.1f GFLOP/s float, %.1f GOP/s exact int8 (%.2fx), %.1f GB/s read from memory",
      floats * 1e-9, integers * 1e-9, integers / floats, reads * 1e-9)
  }
}

extension MachinePeak {
  /// About a tenth of a millisecond of work.
  fileprivate static let shortRounds = 60_000

  /// Work a second of the thread's own time.
  fileprivate static func rate(_ work: () -> Double) -> Double {
    let start = KernelClock.thread()
    let done = work()
    return done / (KernelClock.thread() - start)
  }

  /// Float operations a second that the core reaches this moment.
  var floatsNow: Double { Self.rate { floatOperations(rounds: Self.shortRounds) } }
}
