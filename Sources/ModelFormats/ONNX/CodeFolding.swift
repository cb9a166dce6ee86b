import GraphIR
import TensorCore

/// Turns the nodes that the writer makes of a weight with grouped scales or float codes back into that weight.
struct CodeFolding {
  /// By the initializer of the codes.
  let forms: [String: CodeForm]

  func folded(_ graph: Graph) -> Graph {
    var result = graph
    let producers = graph.producers
    var removed: Set<Int> = []
    var candidates: Set<String> = []
    for (codes, form) in forms.sorted(by: { $0.key < $1.key }) {
      guard form.layout != .lookup, result.initializers[form.value] == nil,
        let chain = chain(to: form.value, from: codes, form, graph, producers),
        let weight = weight(codes, form, graph)
      else { continue }
      result.initializers[form.value] = .quantized(weight)
      removed.formUnion(chain)
      for index in chain { candidates.formUnion(graph.nodes[index].inputs) }
    }
    guard !removed.isEmpty else { return graph }
    result.nodes = graph.nodes.indices.filter { !removed.contains($0) }.map { graph.nodes[$0] }
    let read = result.droppingUnreadWeights().initializers
    result.initializers = result.initializers.filter { read[$0.key] != nil || !candidates.contains($0.key) }
    return result
  }

  /// The nodes from the codes to the weight; nil unless they are exactly those that the writer makes.
  private func chain(
    to value: String, from codes: String, _ form: CodeForm, _ graph: Graph, _ producers: [String: Int]
  ) -> Set<Int>? {
    guard let expected = kinds(form) else { return nil }
    var nodes: Set<Int> = []
    var current = value
    for kind in expected.reversed() {
      guard let index = producers[current], graph.nodes[index].kind == OperatorKind(kind) else { return nil }
      let node = graph.nodes[index]
      nodes.insert(index)
      switch kind {
      case "DequantizeLinear":
        let inputs = [codes, form.scales] + (form.zeroPoints.isEmpty ? [] : [form.zeroPoints])
        guard node.inputs == inputs, isFitting(node, form) else { return nil }
        return nodes
      case "Cast":
        guard node.inputs == [codes] else { return nil }
        return nodes
      case "Gather": current = node.input(1) ?? ""
      case "Mul":
        guard let scales = node.input(1), let reshape = producers[scales],
          graph.nodes[reshape].kind == "Reshape", graph.nodes[reshape].input(0) == form.scales
        else { return nil }
        nodes.insert(reshape)
        current = node.input(0) ?? ""
      default: current = node.input(0) ?? ""
      }
    }
    return nil
  }

  /// The kinds of the nodes from the codes to the weight.
  private func kinds(_ form: CodeForm) -> [String]? {
    let isTransposed = form.axis == 1
    let channels = form.axis.map { form.shape.indices.contains($0) ? form.shape[$0] : 0 } ?? 1
    guard channels > 0 else { return nil }
    let length = form.shape.reduce(1, *) / channels
    if form.layout == .blocks {
      let isMatrix = isTransposed || form.shape == [channels, length]
      return ["DequantizeLinear"] + (isMatrix ? [] : ["Reshape"])
    }
    let (groups, size) = CodeForm.layout(channels: channels, length: length, groupSize: form.groupSize)
    var kinds = form.format == .integer ? ["DequantizeLinear"] : ["Cast", "Gather", "Mul"]
    if groups * size > length { kinds += ["Reshape", "Slice"] }
    return kinds + (isTransposed ? ["Reshape", "Transpose"] : ["Reshape"])
  }

  /// Whether the blocks of a node are the groups that the note speaks of.
  private func isFitting(_ node: Node, _ form: CodeForm) -> Bool {
    switch form.layout {
    case .rows, .lookup: node.int("block_size") ?? 0 == 0
    case .blocks: node.int("block_size") == form.groupSize && node.int("axis") == (form.axis == 1 ? 0 : 1)
    }
  }

  private func weight(_ codes: String, _ form: CodeForm, _ graph: Graph) -> QuantizedTensor? {
    guard case .dense(let stored)? = graph.initializers[codes], stored.shape.rank == 2,
      case .dense(let scale)? = graph.initializers[form.scales], scale.dataType == .float32,
      let shape = try? Shape(form.shape)
    else { return nil }
    let channels = form.axis.map { shape[$0] } ?? 1
    guard channels > 0, shape.count > 0 else { return nil }
    let length = shape.count / channels
    let isTransposed = form.axis == 1
    let (groups, size) = CodeForm.layout(channels: channels, length: length, groupSize: form.groupSize)
    let rows = isTransposed ? shape.dimensions : [channels, length]
    guard stored.shape.dimensions == (form.layout == .blocks ? rows : [channels * groups, size]),
      scale.count == channels * groups
    else { return nil }
    /// From the order of blocks to that of groups.
    func ordered<Value>(_ values: [Value]) -> [Value] {
      guard form.layout == .blocks, isTransposed else { return values }
      return (0..<channels).flatMap { channel in (0..<groups).map { values[$0 * channels + channel] } }
    }
    let range = form.bits.codeRange
    let values = stored.integers.map { code in
      // Bit patterns of float codes are stored unsigned.
      form.format != .integer && code > range.upperBound ? code - range.count : code
    }
    guard values.allSatisfy(range.contains) else { return nil }
    var zeroPoints: [Int32] = []
    if form.format == .integer, !form.zeroPoints.isEmpty {
      guard case .dense(let zeros)? = graph.initializers[form.zeroPoints], zeros.count == scale.count else {
        return nil
      }
      zeroPoints = ordered(zeros.integers.map { Int32(clamping: $0) })
      guard zeroPoints.allSatisfy({ range.contains(Int($0)) }) else { return nil }
      if zeroPoints.allSatisfy({ $0 == 0 }) { zeroPoints = [] }
    }
    let codes = (0..<shape.count).map { index in
      if form.layout == .blocks { return Int8(values[index]) }
      let channel = isTransposed ? index % channels : index / length
      let place = isTransposed ? index / channels : index % length
      return Int8(values[channel * groups * size + place])
    }
    return try? QuantizedTensor(
      shape: shape, bits: form.bits, axis: form.axis, groupSize: form.groupSize, format: form.format,
      scales: ordered(scale.floats), scaleStorage: form.scaleStorage, zeroPoints: zeroPoints, codes: codes)
  }
}
