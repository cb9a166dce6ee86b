import GraphIR
import TensorCore

/// Turns the nodes that the writer makes of a lookup in a table of codes or halves back into a Gather of that table.
struct TableFolding {
  /// By the initializer of the codes.
  let forms: [String: StoredForm]

  func folded(_ graph: Graph) -> Graph {
    var groups: [String: [Int]] = [:]
    for (index, node) in graph.nodes.enumerated() {
      if let gather = node.metadata[TableLookup.gatherMark] { groups[gather, default: []].append(index) }
    }
    guard !groups.isEmpty else { return graph }
    let consumers = graph.consumers
    var result = graph
    var gathers: [Int: Node] = [:]
    var removed: Set<Int> = []
    for (_, members) in groups.sorted(by: { $0.key < $1.key }) {
      guard let found = gather(of: members, graph, consumers, &result) else { continue }
      gathers[found.place] = found.node
      removed.formUnion(members)
    }
    guard !gathers.isEmpty else { return graph }
    result.nodes = graph.nodes.indices.compactMap {
      gathers[$0] ?? (removed.contains($0) ? nil : graph.nodes[$0])
    }
    let candidates = Set(removed.flatMap { graph.nodes[$0].inputs })
    let read = result.droppingUnreadWeights().initializers
    result.initializers = result.initializers.filter { read[$0.key] != nil || !candidates.contains($0.key) }
    return result
  }

  /// The Gather that some nodes are, and where the last of them stands; nil unless they are those that the writer makes.
  private func gather(
    of members: [Int], _ graph: Graph, _ consumers: [String: [Int]], _ result: inout Graph
  ) -> (place: Int, node: Node)? {
    guard let last = members.last, case let end = graph.nodes[last],
      let table = end.metadata[TableLookup.tableMark],
      let first = members.map({ graph.nodes[$0] }).first(where: { node in
        node.kind == "Gather" && node.input(0).map { forms[$0] != nil } == true
      }), let codes = first.input(0), case .dense(let stored)? = graph.initializers[codes],
      let (weight, lookup) = weight(codes, stored, named: table, graph, result)
    else { return nil }
    let places = lookup.storage == .halves ? first.input(1) : graph.nodes[members[0]].input(0)
    guard let places else { return nil }
    // What is inside must be read inside alone.
    let own = Set(members)
    for member in members.dropLast() {
      for output in graph.nodes[member].outputs
      where !(consumers[output] ?? []).allSatisfy(own.contains)
        || graph.outputs.contains(where: { $0.name == output })
      {
        return nil
      }
    }
    var node = Node(
      name: end.name, kind: "Gather", inputs: [table, places], outputs: end.outputs,
      attributes: ["axis": .int(0)])
    node.metadata = end.metadata
    node.metadata[TableLookup.tableMark] = nil
    node.metadata[TableLookup.gatherMark] = nil
    var names = NameTable()
    // What a product reads too has no note of its own: the node itself says whether there are zero points.
    let hasZeros = members.contains {
      graph.nodes[$0].kind == "DequantizeLinear" && graph.nodes[$0].input(2) != nil
    }
    let note = forms[codes]?.codes
    let parts = TableParts(
      codes: codes, scales: "scales", zeroPoints: note?.zeroPoints ?? (hasZeros ? "zeros" : ""),
      levels: "levels")
    let expected = lookup.nodes(for: node, table: table, parts, names: &names).nodes
    guard expected.map(\.kind) == members.map({ graph.nodes[$0].kind }) else { return nil }
    result.initializers[table] = weight
    return (last, node)
  }

  private func weight(
    _ codes: String, _ stored: Tensor, named table: String, _ graph: Graph, _ result: Graph
  ) -> (Weight, TableLookup)? {
    if let weight = result.initializers[table] {
      // What a product reads too has been put together already.
      switch weight {
      case .quantized(let tensor): return TableLookup(tensor).map { (weight, $0) }
      case .dense(let tensor): return (weight, TableLookup(halves: tensor.shape))
      }
    }
    if forms[codes]?.isWidened == true, stored.dataType.isHalf {
      return (.dense(stored), TableLookup(halves: stored.shape))
    }
    guard let form = forms[codes]?.codes, form.layout == .lookup, form.value == table,
      case .dense(let scale)? = graph.initializers[form.scales], scale.dataType == .float32,
      let shape = try? Shape(form.shape), shape.rank >= 2, shape.count > 0
    else { return nil }
    var zeroPoints: [Int32] = []
    if case .dense(let zeros)? = graph.initializers[form.zeroPoints] {
      let base = zeros.dataType == .uint8 ? 8 : 0
      zeroPoints = zeros.integers.map { Int32(clamping: $0 - base) }
      if zeroPoints.allSatisfy({ $0 == 0 }) { zeroPoints = [] }
    }
    // The shape of the bytes follows from codes that are not known yet.
    let blank = try? QuantizedTensor(
      shape: shape, bits: form.bits, axis: form.axis, groupSize: form.groupSize, format: form.format,
      scales: scale.floats, scaleStorage: form.scaleStorage, zeroPoints: zeroPoints,
      codes: [Int8](repeating: 0, count: shape.count))
    guard let blank, let lookup = TableLookup(blank),
      stored.shape.dimensions == [lookup.rows, lookup.stored],
      stored.dataType == .int8 || stored.dataType == .uint8
    else { return nil }
    let range = form.bits.codeRange
    let found = lookup.codes(Array(stored.bytes), lowest: range.lowerBound)
    guard found.allSatisfy(range.contains),
      let tensor = try? QuantizedTensor(
        shape: shape, bits: form.bits, axis: form.axis, groupSize: form.groupSize, format: form.format,
        scales: scale.floats, scaleStorage: form.scaleStorage, zeroPoints: zeroPoints,
        codes: found.map { Int8($0) })
    else { return nil }
    return (.quantized(tensor), lookup)
  }
}
