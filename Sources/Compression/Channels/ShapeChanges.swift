import GraphIR
import Rewriting
import TensorCore

/// What follows from fewer channels where nodes read shapes, sizes of parts and orders of channels.
struct ShapeChanges {
  let graph: Graph
  let analysis: ChannelAnalysis
  let kept: [Int: Set<Int>]

  func apply(to builder: inout GraphBuilder) {
    keepComputedNumbers(&builder)
    fixTargets(&builder)
    for (node, parts) in analysis.splits.sorted(by: { $0.key < $1.key }) { split(node, parts, &builder) }
    for reordering in analysis.reorderings { reorder(reordering, &builder) }
  }

  /// What is computed with a shape sees it as it was.
  private func keepComputedNumbers(_ builder: inout GraphBuilder) {
    let consumers = graph.consumers
    for (output, read) in analysis.shapeReads.sorted(by: { $0.key < $1.key }) {
      guard let entries = analysis.keptEntries(read.channels, kept: kept) else { continue }
      let readers = (consumers[output] ?? []).map { graph.nodes[$0] }
      let isOutput = graph.outputs.contains { $0.name == output }
      guard isOutput || !readers.allSatisfy({ sees($0, output, read) }) else { continue }
      let now = builder.fresh("\(output)/now")
      builder.edit(read.node) { $0.outputs[0] = now }
      for reader in readers where sees(reader, output, read) {
        builder.edit(reader.name) { node in node.inputs = node.inputs.map { $0 == output ? now : $0 } }
      }
      let (were, are) = (read.channels.count, entries.count)
      guard let index = read.index else {
        let whole = builder.fresh("\(output)/times")
        let first = builder.add(scalar(were), "\(output)/channels")
        let second = builder.add(scalar(are), "\(output)/kept")
        builder.insert(
          [
            Node(name: builder.fresh("\(output)/Mul"), kind: "Mul", inputs: [now, first], outputs: [whole]),
            Node(
              name: builder.fresh("\(output)/Div"), kind: "Div", inputs: [whole, second], outputs: [output]),
          ], after: read.node)
        continue
      }
      let added = builder.add(change(at: index, by: were - are, in: read.length), "\(output)/removed")
      builder.insert(
        [Node(name: builder.fresh("\(output)/Add"), kind: "Add", inputs: [now, added], outputs: [output])],
        after: read.node)
    }
  }

  /// Whether a node may see the shape as it becomes: it follows it, or picks other entries.
  private func sees(_ node: Node, _ shape: String, _ read: ChannelAnalysis.ShapeRead) -> Bool {
    if read.followers.contains(node.name) { return true }
    guard node.kind == "Gather", node.input(0) == shape, node.input(1) != shape, let index = read.index,
      let picked = node.input(1).flatMap({ graph.initializers[$0]?.tensor.integers })
    else { return false }
    return picked.allSatisfy { ($0 < 0 ? $0 + read.length : $0) != index }
  }

  /// Reshapes get targets of their own, so that a shape that others read stays as it is.
  private func fixTargets(_ builder: inout GraphBuilder) {
    var constants: [Place: [Int]] = [:]
    var computed: [Place: [Int]] = [:]
    for entry in analysis.shapeEntries {
      guard let entries = analysis.keptEntries(entry.channels, kept: kept) else { continue }
      let place = Place(node: entry.node, input: entry.input)
      guard entry.isComputed else {
        constants[place, default: entry.target][entry.index] = entries.count
        continue
      }
      let zeros = [Int](repeating: 0, count: entry.target.count)
      computed[place, default: zeros][entry.index] = entries.count - entry.channels.count
    }
    for (place, target) in constants.sorted(by: { $0.key < $1.key }) {
      let name = builder.add(target, "\(place.node)/shape")
      builder.edit(place.node) { $0.inputs[place.input] = name }
    }
    for (place, changes) in computed.sorted(by: { $0.key < $1.key }) {
      guard let target = builder.node(named: place.node)?.input(place.input) else { continue }
      let added = builder.add(changes, "\(place.node)/removed")
      let output = builder.fresh("\(place.node)/shape")
      builder.insert(
        [
          Node(
            name: builder.fresh("\(place.node)/Add"), kind: "Add", inputs: [target, added], outputs: [output])
        ],
        before: place.node)
      builder.edit(place.node) { $0.inputs[place.input] = output }
    }
  }

  private struct Place: Hashable, Comparable {
    let node: String
    let input: Int

    static func < (left: Place, right: Place) -> Bool {
      (left.node, left.input) < (right.node, right.input)
    }
  }

  private func split(
    _ name: String, _ parts: [[ChannelAnalysis.Channel]], _ builder: inout GraphBuilder
  ) {
    let sizes = parts.map { analysis.keptEntries($0, kept: kept)?.count ?? $0.count }
    guard sizes != parts.map(\.count) else { return }
    guard graph.opset >= 13 else {
      builder.edit(name) { $0.attributes["split"] = .ints(sizes) }
      return
    }
    let own = builder.add(sizes, "\(name)/sizes")
    builder.edit(name) { node in
      node.inputs = [node.inputs[0], own]
      node.attributes["num_outputs"] = nil
    }
  }

  /// One Gather stands for the nodes that put channels in another order.
  private func reorder(_ reordering: ChannelAnalysis.Reordering, _ builder: inout GraphBuilder) {
    guard let entries = analysis.keptEntries(reordering.channels, kept: kept),
      let first = reordering.nodes.first, let last = reordering.nodes.last,
      let input = builder.node(named: first)?.input(0), let merge = builder.node(named: last)
    else { return }
    let places = Dictionary(entries.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let order = builder.add(reordering.order.compactMap { places[$0] }, "\(last)/order")
    for name in reordering.nodes.dropLast() { builder.remove(name) }
    removeTargets(of: reordering, &builder)
    builder.replace(
      last,
      with: [
        Node(
          name: last, kind: "Gather", inputs: [input, order], outputs: merge.outputs,
          attributes: ["axis": .int(reordering.axis)])
      ])
  }

  /// What only computed the shapes that nodes in front of a Gather took is read by nobody any more.
  private func removeTargets(of reordering: ChannelAnalysis.Reordering, _ builder: inout GraphBuilder) {
    let (producers, consumers) = (graph.producers, graph.consumers)
    let outputs = Set(graph.outputs.map(\.name))
    var gone = Set(reordering.nodes)
    let nodes = graph.nodes.filter { gone.contains($0.name) }
    // The Gather reads what the first of them read, which is computed even where only shapes read it besides.
    let source = nodes.first { $0.name == reordering.nodes.first }?.input(0)
    var open = nodes.compactMap { $0.input(1) }
    while let value = open.popLast() {
      guard value != source, let node = producers[value].map({ graph.nodes[$0] }), !gone.contains(node.name),
        node.outputs.allSatisfy({ output in
          !outputs.contains(output)
            && (consumers[output] ?? []).allSatisfy { gone.contains(graph.nodes[$0].name) }
        })
      else { continue }
      gone.insert(node.name)
      builder.remove(node.name)
      open += node.reads
    }
  }

  private func scalar(_ number: Int) -> Tensor {
    Tensor(shape: [], of: Int64.self) { $0[0] = Int64(number) }
  }

  private func change(at index: Int, by amount: Int, in count: Int) -> Tensor {
    Tensor(shape: Shape(known: [count]), of: Int64.self) { values in
      for place in values.indices { values[place] = place == index ? Int64(amount) : 0 }
    }
  }
}
