import CKernels

/// Probes of what one core of this machine can do at most, which kernels are measured against.
///
/// Each returns the work it did; whoever calls it takes the time.
package struct MachinePeak: Sendable {
  private let table: KernelTable

  package init(table: KernelTable) { self.table = table }

  /// Keeps the calling thread on the core it runs on, as measuring wants; false where the system refuses.
  package static func pinThread() -> Bool { ck_pin_thread() != 0 }

  /// Float multiplications and additions, in registers only: `rounds` times twelve vectors.
  package func floatOperations(rounds: Int) -> Double { table.matrix.f32_peak(rounds) }

  /// Integer multiplications and additions as exact int8 products need them: pairs of 16-bit numbers up to
  /// AVX-512, quads of bytes with VNNI.
  package func integerOperations(rounds: Int) -> Double { table.matrix.u8s8_peak(rounds) }

  /// Reads `bytes` in order, once; returns the bytes read.
  package func read(_ bytes: UnsafeRawBufferPointer) -> Double {
    guard let start = bytes.baseAddress else { return 0 }
    return table.matrix.u8_read(bytes.count, start)
  }
}
