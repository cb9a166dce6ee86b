/// Values at a 64-byte boundary with room on both sides that no kernel may write to.
final class Memory<Element: BitwiseCopyable> {
  let start: UnsafeMutablePointer<Element>
  let count: Int
  private let raw: UnsafeMutableRawBufferPointer
  private static var margin: Int { 128 }
  private static var filling: UInt8 { 0xA5 }

  /// `count` values, all bytes alike.
  init(_ count: Int) {
    self.count = count
    raw = .allocate(byteCount: count * MemoryLayout<Element>.stride + 2 * Self.margin, alignment: 64)
    raw.initializeMemory(as: UInt8.self, repeating: Self.filling)
    guard let base = raw.baseAddress else { preconditionFailure("memory was allocated") }
    start = (base + Self.margin).bindMemory(to: Element.self, capacity: count)
  }

  deinit { raw.deallocate() }

  subscript(index: Int) -> Element {
    get { start[index] }
    set { start[index] = newValue }
  }

  var values: [Element] { Array(UnsafeBufferPointer(start: start, count: count)) }

  /// Whether nothing outside was written.
  var isIntact: Bool {
    raw.prefix(Self.margin).allSatisfy { $0 == Self.filling }
      && raw.suffix(Self.margin).allSatisfy { $0 == Self.filling }
  }

  /// Whether element `index` still has the bytes it was made with.
  func isUntouched(_ index: Int) -> Bool {
    let size = MemoryLayout<Element>.stride
    return raw[(Self.margin + index * size)..<(Self.margin + (index + 1) * size)].allSatisfy {
      $0 == Self.filling
    }
  }
}

/// Sizes that errors are shares of; equal values, and two that are no number, differ by nothing.
func share(_ found: Float, _ exact: Double, allowed: Double) -> Double {
  if found.isNaN && exact.isNaN || Double(found) == exact || found == Float(exact) { return 0 }
  let error = abs(Double(found) - exact) / allowed
  return error.isNaN ? .infinity : error
}
