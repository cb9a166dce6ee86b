import GraphIR
import TensorCore

/// Scale and zero point of a QuantizeLinear or DequantizeLinear: one for all, or one per index along an axis.
struct QuantizationParameters: Sendable {
  /// The data as lines of one scale each: `outer` times over `channels`, `inner` elements.
  let outer: Int
  let channels: Int
  let inner: Int

  /// - Throws: for scales or zero points that do not fit the data, and for blocked quantization.
  init(_ site: OperatorSite) throws {
    let data = try site.input(0).shape
    let scale = try site.input(1).shape
    if let block = try site.int("block_size"), block != 0 {
      throw site.attributeError("block_size", expected: "0", found: "\(block)")
    }
    if let zeroPoint = site.optionalInput(2), zeroPoint.shape.count != scale.count {
      throw site.inputError(2, expected: "of \(scale.count) values, as the scale")
    }
    if scale.count == 1 {
      (outer, channels, inner) = (1, 1, data.count)
      return
    }
    let axis = try site.axis(try site.int("axis", default: 1), rank: data.rank)
    guard scale.rank == 1, scale.count == data[axis] else {
      throw site.inputError(1, expected: "one value, or \(data[axis]) for axis \(axis)")
    }
    let lines = AxisLines(shape: data, axis: axis)
    (outer, channels, inner) = (lines.outer, lines.count, lines.inner)
  }

  /// Calls `body` with each line's offset and channel.
  @inline(__always)
  func forEach(_ body: (_ offset: Int, _ channel: Int) -> Void) {
    for block in 0..<outer {
      for channel in 0..<channels { body((block * channels + channel) * inner, channel) }
    }
  }
}

/// A zero point of any integer type; 0 where omitted.
struct ZeroPointReader: Sendable {
  private let type: DataType?

  init(_ type: DataType?) { self.type = type }

  func read(_ source: UnsafeRawPointer?, _ index: Int) -> Int32 {
    guard let source, let type else { return 0 }
    switch type {
    case .uint8: return Int32(source.assumingMemoryBound(to: UInt8.self)[index])
    case .int8: return Int32(source.assumingMemoryBound(to: Int8.self)[index])
    case .uint16: return Int32(source.assumingMemoryBound(to: UInt16.self)[index])
    case .int16: return Int32(source.assumingMemoryBound(to: Int16.self)[index])
    default: return source.assumingMemoryBound(to: Int32.self)[index]
    }
  }
}
