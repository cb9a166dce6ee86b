/// The bytes of a tensor: written once while being made, never changed afterwards.
///
/// Unchecked because the pointer is not `Sendable`; the bytes are only mutable inside the initializer's closure.
package final class TensorStorage: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer
  /// What the elements of a string tensor are indices into, each text once, the empty one first; empty for other types.
  package let strings: [String]
  private let release: @Sendable () -> Void

  /// Allocates 64-byte aligned, zeroed memory (padded so that a vector load at the end stays inside) and lets `fill` write it.
  package init(
    byteCount: Int, strings: [String] = [], fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) rethrows {
    self.strings = strings
    let memory = ZeroedMemory(byteCount: byteCount + 64)
    bytes = UnsafeRawBufferPointer(start: memory.start, count: byteCount)
    release = { memory.free() }
    try fill(UnsafeMutableRawBufferPointer(start: memory.start, count: byteCount))
  }

  /// Adopts memory owned by somebody else, such as a mapped file; `owner` is kept alive as long as the bytes are in use.
  package init(bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable) {
    self.bytes = bytes
    strings = []
    release = { withExtendedLifetime(owner) {} }
  }

  deinit { release() }
}
