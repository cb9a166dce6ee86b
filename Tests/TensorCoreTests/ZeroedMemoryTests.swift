import TensorCore
import Testing

@Suite("Zeroed memory")
struct ZeroedMemoryTests {
  /// Sizes around pages, around where large pages start, and none at all; each after as much memory was dirtied and freed.
  @Test(arguments: [0, 1, 63, 4096, 100_000, (4 << 20) - 1, 4 << 20, (4 << 20) + 12_345, 9 << 20])
  func isAlignedAndZero(count: Int) {
    for _ in 0..<3 {
      let memory = ZeroedMemory(byteCount: count)
      defer { memory.free() }
      #expect(Int(bitPattern: memory.start) % 64 == 0)
      let bytes = UnsafeMutableRawBufferPointer(start: memory.start, count: count)
      #expect(bytes.allSatisfy { $0 == 0 })
      bytes.initializeMemory(as: UInt8.self, repeating: 0xA5)
    }
  }

  @Test func askingForLargePagesChangesNoByte() {
    var bytes = (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let before = bytes
    bytes.withUnsafeMutableBytes { LargePages.ask(for: $0) }
    LargePages.ask(for: UnsafeMutableRawBufferPointer(start: nil, count: 0))
    #expect(bytes == before)
  }
}
