extension QuantizedTensor {
  /// The types that integer codes of weights are stored in, and what brings each into the range of signed codes.
  private static let offsets: [DataType: Int] = [
    .int8: 0, .uint8: 128, .int4: 0, .uint4: 8, .int2: 0, .uint2: 2,
  ]

  /// Whether codes of weights are stored in a type.
  package static func isStored(as type: DataType) -> Bool { offsets[type] != nil }

  /// The weight that stored codes stand for; nil where they are of another type, or scales do not fit.
  ///
  /// Unsigned codes and their zero points move down together, which leaves every value as it was.
  /// - Parameters:
  ///   - codes: 8-bit or narrower integers in the weight's shape.
  ///   - scales: one for the whole tensor, or one for each index along `axis` or for each of its groups.
  ///   - zeroPoints: as stored; none, one for all or one per scale.
  ///   - axis: which the scales run along where there are several.
  ///   - groupSize: indices beside `axis` that share a scale; nil where all do.
  ///   - bits: the width that the codes are known to fit; 8 where they do not.
  package init?(
    stored codes: Tensor, scales: [Float], zeroPoints: [Int], axis: Int?, groupSize: Int? = nil,
    bits: WeightBits = .int8
  ) {
    guard let offset = QuantizedTensor.offsets[codes.dataType], !scales.isEmpty,
      [0, 1, scales.count].contains(zeroPoints.count)
    else { return nil }
    var axis = axis
    if groupSize == nil,
      axis.map({ codes.shape.dimensions.indices.contains($0) ? codes.shape[$0] : 0 }) != scales.count
    {
      // One scale in a list is one scale for the whole tensor.
      guard scales.count == 1 else { return nil }
      axis = nil
    }
    var zeros = (zeroPoints.isEmpty ? [0] : zeroPoints).map { Int32(clamping: $0 - offset) }
    if zeroPoints.isEmpty, offset == 0 { zeros = [] }
    if zeros.count == 1 { zeros = [Int32](repeating: zeros[0], count: scales.count) }
    if zeros.allSatisfy({ $0 == 0 }) { zeros = [] }
    let signed = withExtendedLifetime(codes.storage) {
      codes.bytes.map { Int8(truncatingIfNeeded: Int($0) - offset) }
    }
    let range = bits.codeRange
    let fits = signed.allSatisfy { range.contains(Int($0)) } && zeros.allSatisfy { range.contains(Int($0)) }
    let made = try? QuantizedTensor(
      shape: codes.shape, bits: fits ? bits : .int8, axis: axis, groupSize: groupSize,
      scales: scales, zeroPoints: zeros, codes: signed)
    guard let made else { return nil }
    self = made
  }
}
