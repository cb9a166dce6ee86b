/// Memory a case works on, alive as long as something holds it.
final class KernelData<Element: BitwiseCopyable> {
  let buffer: UnsafeMutableBufferPointer<Element>

  init(_ count: Int, _ value: (Int) -> Element) {
    let raw = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(64, count * MemoryLayout<Element>.stride), alignment: 64)
    buffer = UnsafeMutableBufferPointer(
      start: raw.baseAddress?.bindMemory(to: Element.self, capacity: count), count: count)
    for i in 0..<count { buffer.initializeElement(at: i, to: value(i)) }
  }

  deinit { UnsafeMutableRawBufferPointer(buffer).deallocate() }

  var start: UnsafeMutablePointer<Element> {
    guard let start = buffer.baseAddress else { preconditionFailure("memory was allocated") }
    return start
  }
}

extension KernelData where Element == Float {
  /// Values in -1...1, the same for a seed everywhere.
  static func floats(_ count: Int, seed: UInt64) -> KernelData<Float> {
    var state = KernelRandom(seed)
    return KernelData(count) { _ in state.unit() * 2 - 1 }
  }
}

/// A fast generator for data that only has to be unordered.
struct KernelRandom: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  /// In 0..<1.
  mutating func unit() -> Float { Float(next() >> 40) * 0x1p-24 }
}
