/// Values at a 64-byte boundary, written while being made and constant from then on.
final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {  // Not written once shared.
  let start: UnsafeMutablePointer<Element>
  let count: Int

  /// `count` values, all bytes zero.
  init(zeros count: Int) {
    self.count = count
    let bytes = max(64, count * MemoryLayout<Element>.stride)
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    start = raw.bindMemory(to: Element.self, capacity: count)
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }

  var byteCount: Int { count * MemoryLayout<Element>.stride }
}

extension AlignedBuffer {
  /// One value per output, repeated from a single one if need be, zero up to a whole panel.
  convenience init(perOutput values: [Element], outputs: Int) {
    precondition(values.count == 1 || values.count == outputs, "one value, or one per output")
    self.init(zeros: Panels.padded(outputs))
    for n in 0..<outputs { start[n] = values.count == 1 ? values[0] : values[n] }
  }
}

/// How weights are cut into panels and blocks.
enum Panels {
  /// Outputs in a panel, the same at every feature level.
  static let width = 16

  static func count(_ outputs: Int) -> Int { (outputs + width - 1) / width }
  static func padded(_ outputs: Int) -> Int { count(outputs) * width }

  /// Every packed width's group of k divides this.
  static let depthUnit = 160
  /// The deepest block: 480 k of one panel are 30 KB of floats, about a first-level cache.
  static let maximumDepth = 480

  /// k per block: near 320, whole units, and no small remainder.
  static func depth(_ inputs: Int) -> Int {
    let blocks = max(1, (inputs + depthUnit) / (2 * depthUnit))
    return roundUp((inputs + blocks - 1) / blocks, depthUnit)
  }

  /// Rows of x per block: 144 rows of 320 are 184 KB, within a second-level cache; a multiple of 4, 6 and 12.
  static let rowBlock = 144

  static func roundUp(_ value: Int, _ unit: Int) -> Int { (value + unit - 1) / unit * unit }
}

extension UnsafeMutableRawPointer {
  /// The first `count` values here, and what lies behind them at the next 64-byte boundary.
  func split<T: BitwiseCopyable>(_ type: T.Type, _ count: Int) -> (
    UnsafeMutablePointer<T>, UnsafeMutableRawPointer
  ) {
    let bytes = Panels.roundUp(count * MemoryLayout<T>.stride, 64)
    return (bindMemory(to: type, capacity: count), self + bytes)
  }
}
