/// A weight tensor held as codes: `value = scale * (code - zeroPoint)`, or `scale * levels[code]` in a float format.
///
/// Scales are per tensor, per index along `axis`, or per group: the elements of one index along `axis`, in row-major
/// order, are cut into runs of `groupSize` (the last may be shorter) with a scale each.
package struct QuantizedTensor: Sendable, Hashable {
  package let shape: Shape
  package let bits: WeightBits
  package let format: CodeFormat
  /// The axis whose indices have scales of their own; nil for one channel in all.
  package let axis: Int?
  /// Elements that share a scale inside a channel; nil where a channel has one scale.
  package let groupSize: Int?
  /// Row-major [channels, groups of a channel].
  package let scales: [Float]
  package let scaleStorage: ScaleStorage
  /// As many as scales, inside the code range; empty when symmetric (all zero), as float formats always are.
  package let zeroPoints: [Int32]
  /// Row-major, one code per element, inside `bits.codeRange`.
  package let codes: [Int8]

  /// - Throws: `TensorError.countMismatch` where codes, scales or zero points do not fit the shape, and
  ///   `.invalidShape` where the axis or the group size is none.
  package init(
    shape: Shape, bits: WeightBits, axis: Int?, groupSize: Int? = nil, format: CodeFormat = .integer,
    scales: [Float], scaleStorage: ScaleStorage = .float32, zeroPoints: [Int32], codes: [Int8]
  ) throws {
    guard codes.count == shape.count else {
      throw TensorError.countMismatch(shape: shape, expected: shape.count, found: codes.count)
    }
    let count = try QuantizedTensor.scaleCount(of: shape, axis: axis, groupSize: groupSize)
    guard scales.count == count else {
      throw TensorError.countMismatch(shape: shape, expected: count, found: scales.count)
    }
    let zeros = format == .integer ? count : 0
    guard zeroPoints.isEmpty || zeroPoints.count == zeros else {
      throw TensorError.countMismatch(shape: shape, expected: zeros, found: zeroPoints.count)
    }
    if let width = format.bits, width != bits {
      throw TensorError.countMismatch(
        shape: shape, expected: Int(width.storedBits), found: Int(bits.storedBits))
    }
    self.shape = shape
    self.bits = bits
    self.format = format
    self.axis = axis
    self.groupSize = groupSize
    self.scales = scales
    self.scaleStorage = scaleStorage
    self.zeroPoints = zeroPoints
    self.codes = codes
  }

  /// Indices along the axis; 1 without one.
  package var channelCount: Int { axis.map { shape[$0] } ?? 1 }

  /// Elements of one channel.
  package var channelLength: Int { channelCount == 0 ? 0 : shape.count / channelCount }

  /// Scales of one channel.
  package var groupsPerChannel: Int {
    QuantizedTensor.groups(of: channelLength, size: groupSize)
  }

  /// Whether codes are integers and a channel has one scale.
  package var hasPlainScales: Bool { format == .integer && groupsPerChannel == 1 }

  /// Elements that differ from zero once dequantized; a float format's negative zero, which only a foreign file can
  /// hold, counts as one.
  package var nonzeroCount: Int {
    if zeroPoints.isEmpty {
      return codes.withUnsafeBufferPointer { codes in
        var count = 0
        for code in codes { count &+= code != 0 ? 1 : 0 }
        return count
      }
    }
    var count = 0
    forEachCode { _, scale, code in if Int32(code) != zeroPoints[scale] { count += 1 } }
    return count
  }

  /// The float32 values the codes stand for.
  package func dequantized() -> Tensor {
    let levels = format.levels
    let lowest = bits.codeRange.lowerBound
    return Tensor(shape: shape, of: Float.self) { values in
      guard levels.isEmpty else {
        forEachCode { index, scale, code in values[index] = scales[scale] * levels[Int(code) - lowest] }
        return
      }
      forEachCode { index, scale, code in
        let zeroPoint = zeroPoints.isEmpty ? 0 : zeroPoints[scale]
        values[index] = scales[scale] * Float(Int32(code) - zeroPoint)
      }
    }
  }

  /// Calls `body` with (element index, index of its scale and zero point, code) in row-major order.
  package func forEachCode(_ body: (Int, Int, Int8) -> Void) {
    let inner = axis.map { shape.dimensions[($0 + 1)...].reduce(1, *) } ?? shape.count
    let channels = channelCount
    let groups = groupsPerChannel
    let size = groupSize ?? max(1, channelLength)
    var index = 0
    // The elements of a channel come in runs of `inner`; `start` counts those before the present run.
    var start = 0
    while index < codes.count {
      for channel in 0..<channels {
        let first = channel * groups
        for offset in 0..<inner {
          body(index, groups == 1 ? first : first + (start + offset) / size, codes[index])
          index += 1
        }
      }
      start += inner
    }
  }

  /// How many scales a tensor has.
  /// - Throws: `TensorError.invalidShape` where the axis or the group size is none.
  package static func scaleCount(of shape: Shape, axis: Int?, groupSize: Int?) throws -> Int {
    if let axis, !shape.dimensions.indices.contains(axis) {
      throw TensorError.invalidShape(shape.dimensions)
    }
    if let groupSize, groupSize < 1 { throw TensorError.invalidShape([groupSize]) }
    let channels = axis.map { shape[$0] } ?? 1
    return channels * groups(of: channels == 0 ? 0 : shape.count / channels, size: groupSize)
  }

  private static func groups(of length: Int, size: Int?) -> Int {
    size.map { max(1, (length + $0 - 1) / $0) } ?? 1
  }
}
