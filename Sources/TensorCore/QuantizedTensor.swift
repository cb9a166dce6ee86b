/// A weight tensor held as integer codes: `value = scale * (code - zeroPoint)`, per tensor or per index along `axis`.
package struct QuantizedTensor: Sendable, Hashable {
  package let shape: Shape
  package let bits: WeightBits
  /// The axis whose indices have a scale each; nil for one scale in all.
  package let axis: Int?
  package let scales: [Float]
  /// As many as scales, inside the code range; empty when symmetric (all zero).
  package let zeroPoints: [Int32]
  /// Row-major, one code per element, inside `bits.codeRange`.
  package let codes: [Int8]

  /// - Throws: `TensorError.countMismatch` where codes, scales or zero points do not fit the shape.
  package init(
    shape: Shape, bits: WeightBits, axis: Int?, scales: [Float], zeroPoints: [Int32], codes: [Int8]
  ) throws {
    guard codes.count == shape.count else {
      throw TensorError.countMismatch(shape: shape, expected: shape.count, found: codes.count)
    }
    let channels = try QuantizedTensor.channelCount(of: shape, axis: axis)
    guard scales.count == channels, zeroPoints.isEmpty || zeroPoints.count == channels else {
      throw TensorError.countMismatch(shape: shape, expected: channels, found: scales.count)
    }
    self.shape = shape
    self.bits = bits
    self.axis = axis
    self.scales = scales
    self.zeroPoints = zeroPoints
    self.codes = codes
  }

  /// Elements that differ from zero once dequantized.
  package var nonzeroCount: Int {
    var count = 0
    forEachCode { _, channel, code in
      if Int32(code) != (zeroPoints.isEmpty ? 0 : zeroPoints[channel]) { count += 1 }
    }
    return count
  }

  /// The float32 values the codes stand for.
  package func dequantized() -> Tensor {
    Tensor(shape: shape, of: Float.self) { values in
      forEachCode { index, channel, code in
        let zeroPoint = zeroPoints.isEmpty ? 0 : zeroPoints[channel]
        values[index] = scales[channel] * Float(Int32(code) - zeroPoint)
      }
    }
  }

  /// Calls `body` with (element index, channel, code) in row-major order.
  package func forEachCode(_ body: (Int, Int, Int8) -> Void) {
    let inner = axis.map { shape.dimensions[($0 + 1)...].reduce(1, *) } ?? shape.count
    let channels = scales.count
    var index = 0
    while index < codes.count {
      for channel in 0..<channels {
        for _ in 0..<inner {
          body(index, channel, codes[index])
          index += 1
        }
      }
    }
  }

  private static func channelCount(of shape: Shape, axis: Int?) throws -> Int {
    guard let axis else { return 1 }
    guard shape.dimensions.indices.contains(axis) else { throw TensorError.invalidShape(shape.dimensions) }
    return shape[axis]
  }
}
