import TensorCore

/// Values at a 64-byte boundary, written while being made and constant from then on.
final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {  // Not written once shared.
  let start: UnsafeMutablePointer<Element>
  let count: Int
  private let memory: ZeroedMemory

  /// `count` values, all bytes zero.
  init(zeros count: Int) {
    self.count = count
    memory = ZeroedMemory(byteCount: max(64, count * MemoryLayout<Element>.stride))
    start = memory.start.bindMemory(to: Element.self, capacity: count)
  }

  deinit { memory.free() }

  /// The same values in other memory.
  func copy() -> AlignedBuffer {
    let copy = AlignedBuffer(zeros: count)
    copy.start.update(from: start, count: count)
    return copy
  }

  var byteCount: Int { count * MemoryLayout<Element>.stride }
}

extension AlignedBuffer {
  /// One value per output, repeated from a single one if need be, zero up to a whole panel.
  convenience init(perOutput values: [Element], outputs: Int) {
    precondition(values.count == 1 || values.count == outputs, "one value, or one per output")
    self.init(zeros: Panels.padded(outputs))
    for n in 0..<outputs { start[n] = values.count == 1 ? values[0] : values[n] }
  }

  /// `weights` [outputs, inputs] in panels, each step of k together for the panel's outputs.
  convenience init(panels weights: UnsafeBufferPointer<Element>, outputs: Int, inputs: Int) {
    self.init(zeros: Panels.padded(outputs) * inputs)
    for n in 0..<outputs {
      let out = start + (n / Panels.width * Panels.width * inputs + n % Panels.width)
      for k in 0..<inputs { out[k * Panels.width] = weights[n * inputs + k] }
    }
  }
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
