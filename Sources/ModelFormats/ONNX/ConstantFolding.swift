import GraphIR
import TensorCore

/// What a file says about an initializer beyond its values.
struct StoredForm {
  /// The code width of the codes of a quantized weight, where it is narrower than the stored type.
  var bits: WeightBits?
  /// A float16 weight that every reader sees as float32.
  var isWidened = false

  /// The codes of a weight with grouped scales or float codes.
  var codes: CodeForm?

  static let bitsMark = "paretop.bits="
  static let widenedMark = "paretop.widened"

  init(_ proto: ONNXTensorProto) {
    switch ElementType.dataType(proto.dataType) {
    case .int4, .uint4: bits = .int4
    case .int2, .uint2: bits = .int2
    default: break
    }
    if proto.docString.hasPrefix(StoredForm.bitsMark) {
      bits = WeightBits(rawValue: String(proto.docString.dropFirst(StoredForm.bitsMark.count))) ?? bits
    }
    codes = CodeForm(proto.docString)
    isWidened = proto.docString == StoredForm.widenedMark
  }
}

/// Turns what files say with nodes into weights: `DequantizeLinear` of constant codes into a quantized
/// weight, and the `Cast` that the writer puts behind a float16 weight into that weight.
struct ConstantFolding {
  /// By initializer name.
  let forms: [String: StoredForm]

  func folded(_ graph: Graph) -> Graph {
    var result = graph
    var candidates: Set<String> = []
    result.nodes = graph.nodes.filter { node in
      guard node.outputs.count == 1, let output = node.outputs.first, !output.isEmpty,
        result.initializers[output] == nil, let weight = weight(of: node, in: graph)
      else { return true }
      result.initializers[output] = weight
      candidates.formUnion(node.inputs)
      return false
    }
    guard !candidates.isEmpty else { return graph }
    // Only what folding left behind goes; an initializer that nothing ever read is the file's own affair.
    let read = result.droppingUnreadWeights().initializers
    result.initializers = result.initializers.filter { read[$0.key] != nil || !candidates.contains($0.key) }
    return result
  }

  private func weight(of node: Node, in graph: Graph) -> Weight? {
    switch node.kind {
    case "DequantizeLinear": quantized(node, graph).map { .quantized($0) }
    case "Cast": widened(node, graph).map { .dense($0) }
    default: nil
    }
  }

  private func widened(_ node: Node, _ graph: Graph) -> Tensor? {
    guard let name = node.input(0), forms[name]?.isWidened == true, node.int("to") == 1,
      case .dense(let tensor) = graph.initializers[name],
      tensor.dataType == .float16 || tensor.dataType == .bfloat16
    else { return nil }
    return tensor
  }

  /// The types of codes, and what brings them into the range of signed ones.
  private static let offsets: [DataType: Int] = [
    .int8: 0, .uint8: 128, .int4: 0, .uint4: 8, .int2: 0, .uint2: 2,
  ]

  /// Nil where codes, scale or zero point are not constants or not of a form that `QuantizedTensor` can hold.
  private func quantized(_ node: Node, _ graph: Graph) -> QuantizedTensor? {
    func constant(_ index: Int) -> Tensor? {
      guard let name = node.input(index), case .dense(let tensor) = graph.initializers[name] else {
        return nil
      }
      return tensor
    }
    guard let stored = constant(0), let offset = ConstantFolding.offsets[stored.dataType],
      let scale = constant(1), scale.dataType == .float32
    else { return nil }
    if let block = node.int("block_size"), block > 0 {
      return blocked(node, stored, offset: offset, scale: scale, block: block, zeroPoint: constant(2))
    }
    guard scale.shape.rank <= 1 else { return nil }

    var axis: Int?
    if scale.shape.rank == 1 {
      axis = stored.shape.normalized(axis: node.int("axis") ?? 1)
      if axis.map({ stored.shape[$0] != scale.count }) ?? true {
        // One scale in a list is one scale for the whole tensor.
        guard scale.count == 1 else { return nil }
        axis = nil
      }
    }

    var zeroPoints: [Int32] = []
    if node.input(2) != nil {
      guard let zeroPoint = constant(2), zeroPoint.dataType == stored.dataType, zeroPoint.count == scale.count
      else { return nil }
      zeroPoints = zeroPoint.integers.map { Int32($0) }
    }
    var bits = node.input(0).flatMap { forms[$0]?.bits } ?? .int8
    let codes = ConstantFolding.signed(stored, offset: offset)
    if offset > 0 {
      // Unsigned codes and their zero points move together, which leaves every value as it was.
      zeroPoints = (zeroPoints.isEmpty ? [Int32](repeating: 0, count: scale.count) : zeroPoints).map {
        $0 - Int32(offset)
      }
    }
    let range = bits.codeRange
    if bits != .int8 && !codes.allSatisfy({ range.contains(Int($0)) })
      || !zeroPoints.allSatisfy({ range.contains(Int($0)) })
    {
      bits = .int8
    }
    // A stored zero point of zeros everywhere says the same as none.
    if zeroPoints.allSatisfy({ $0 == 0 }) { zeroPoints = [] }
    return try? QuantizedTensor(
      shape: stored.shape, bits: bits, axis: axis, scales: scale.floats, zeroPoints: zeroPoints,
      codes: codes)
  }

  /// Codes of at most 8 bits, a byte each in memory, as signed ones.
  private static func signed(_ tensor: Tensor, offset: Int) -> [Int8] {
    withExtendedLifetime(tensor.storage) {
      tensor.bytes.map { Int8(truncatingIfNeeded: Int($0) - offset) }
    }
  }

  /// A scale per block along one axis of a matrix: a channel of the other axis has several.
  private func blocked(
    _ node: Node, _ stored: Tensor, offset: Int, scale: Tensor, block: Int, zeroPoint: Tensor?
  ) -> QuantizedTensor? {
    guard stored.shape.rank == 2, scale.shape.rank == 2, stored.shape.count > 0,
      zeroPoint?.shape ?? scale.shape == scale.shape,
      zeroPoint?.dataType ?? stored.dataType == stored.dataType, node.input(2) == nil || zeroPoint != nil,
      let axis = stored.shape.normalized(axis: node.int("axis") ?? 1)
    else { return nil }
    // In this order, since a block may be as long as any number.
    let (channels, groups) = (stored.shape[1 - axis], (stored.shape[axis] - 1) / block + 1)
    guard scale.shape[axis] == groups, scale.shape[1 - axis] == channels else { return nil }
    // Ordered by channel, then by block.
    func ordered<Value>(_ values: [Value]) -> [Value] {
      guard axis == 0 else { return values }
      return (0..<channels).flatMap { channel in (0..<groups).map { values[$0 * channels + channel] } }
    }
    var zeros = zeroPoint.map { $0.integers.map { Int32($0 - offset) } } ?? []
    if zeros.isEmpty, offset > 0 { zeros = [Int32](repeating: Int32(-offset), count: scale.count) }
    let isNarrow = stored.dataType == .int4 || stored.dataType == .uint4
    return try? QuantizedTensor(
      shape: stored.shape, bits: isNarrow ? .int4 : .int8, axis: 1 - axis,
      groupSize: groups == 1 ? nil : block, scales: ordered(scale.floats),
      zeroPoints: zeros.allSatisfy { $0 == 0 } ? [] : ordered(zeros),
      codes: ConstantFolding.signed(stored, offset: offset))
  }
}
