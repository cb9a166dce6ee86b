import Foundation
import Kernels

/// What one core reaches at most: operations and bytes a second, each the best of several tries.
struct MeasuredPeaks {
  let floats: Double
  let integers: Double
  let reads: Double

  init(_ peak: MachinePeak) {
    // Far more than any cache, so that every pass reads memory.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 20, alignment: 64)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 1)
    floats = Self.best(20) { peak.floatOperations(rounds: 200_000) }
    integers = Self.best(20) { peak.integerOperations(rounds: 200_000) }
    reads = Self.best(6) { peak.read(UnsafeRawBufferPointer(memory)) }
  }

  private static func best(_ tries: Int, _ work: () -> Double) -> Double {
    (0..<tries).map { _ in
      let start = KernelClock.thread()
      let done = work()
      return done / (KernelClock.thread() - start)
    }.max() ?? .nan
  }

  subscript(bound: KernelCase.Bound) -> Double {
    switch bound {
    case .floats: floats
    case .integers: integers
    case .reads: reads
    }
  }

  var summary: String {
    String(
      format: "peaks: %.1f GFLOP/s float, %.1f GOP/s exact int8 (%.2fx), %.1f GB/s read from memory",
      floats * 1e-9, integers * 1e-9, integers / floats, reads * 1e-9)
  }
}
