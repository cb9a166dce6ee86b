import TensorCore

extension Node {
  /// The weight that a DequantizeLinear of constants makes: the one reading of what the operator says of codes, scales
  /// along an axis or in blocks, and zero points.
  ///
  /// https://github.com/onnx/onnx/blob/main/docs/Operators.md#DequantizeLinear
  /// - Parameters:
  ///   - bits: the width that the codes are known to fit, where their type does not say.
  ///   - constant: the plain tensor of a name; nil where it is none.
  /// - Returns: nil where the node is another, or its inputs are not constants that `QuantizedTensor` can hold.
  package func dequantizedWeight(
    bits: WeightBits? = nil, constant: (String) -> Tensor?
  ) -> QuantizedTensor? {
    guard kind == "DequantizeLinear", let stored = input(0).flatMap(constant),
      QuantizedTensor.isStored(as: stored.dataType),
      let scale = input(1).flatMap(constant), scale.dataType == .float32
    else { return nil }
    var zeroPoint: Tensor?
    if let name = input(2) {
      guard let found = constant(name), found.dataType == stored.dataType, found.count == scale.count else {
        return nil
      }
      zeroPoint = found
    }
    if let block = int("block_size"), block > 0 {
      return blocked(stored, scale: scale, block: block, zeroPoint: zeroPoint)
    }
    guard scale.shape.rank <= 1 else { return nil }
    return QuantizedTensor(
      stored: stored, scales: scale.floats, zeroPoints: zeroPoint?.integers ?? [],
      axis: scale.shape.rank == 1 ? stored.shape.normalized(axis: int("axis") ?? 1) : nil,
      bits: bits ?? .int8)
  }

  /// A scale per block along one axis of a matrix: a channel of the other axis has several.
  private func blocked(
    _ stored: Tensor, scale: Tensor, block: Int, zeroPoint: Tensor?
  ) -> QuantizedTensor? {
    guard stored.shape.rank == 2, scale.shape.rank == 2, stored.shape.count > 0,
      zeroPoint?.shape ?? scale.shape == scale.shape,
      let axis = stored.shape.normalized(axis: int("axis") ?? 1)
    else { return nil }
    // In this order, since a block may be as long as any number.
    let (channels, groups) = (stored.shape[1 - axis], (stored.shape[axis] - 1) / block + 1)
    guard scale.shape[axis] == groups, scale.shape[1 - axis] == channels else { return nil }
    // Ordered by channel, then by block.
    func ordered<Value>(_ values: [Value]) -> [Value] {
      guard axis == 0 else { return values }
      return (0..<channels).flatMap { channel in (0..<groups).map { values[$0 * channels + channel] } }
    }
    let isNarrow = stored.dataType == .int4 || stored.dataType == .uint4
    return QuantizedTensor(
      stored: stored, scales: ordered(scale.floats), zeroPoints: zeroPoint.map { ordered($0.integers) } ?? [],
      axis: 1 - axis, groupSize: groups == 1 ? nil : block, bits: isNarrow ? .int4 : .int8)
  }
}
