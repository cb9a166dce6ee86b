import GraphIR
import TensorCore

/// The compressible layers of a graph, in graph order.
///
/// Conv reads its weight as input 1, Gemm as B, MatMul as its right operand of rank 2; the weight is a float32,
/// float16, bfloat16 or quantized constant. A weight that several layers read the same way is compressed once for all of them;
/// one that is also read in any other way stays as it is (`Layer.obstacle`).
package struct LayerCatalog: Sendable {
  package let layers: [Layer]
  private let indices: [String: Int]

  package init(_ graph: Graph) {
    let readers = WeightReaders(graph)
    let consumers = graph.consumers
    let candidates = graph.nodes.compactMap { node in
      LayerCandidate(node, in: graph).map { ($0, $0.bias(in: graph, consumers: consumers)) }
    }
    var sharers: [String: [LayerCandidate]] = [:]
    for (candidate, _) in candidates { sharers[candidate.weightName, default: []].append(candidate) }
    let layers = candidates.map { candidate, bias in
      let others = (sharers[candidate.weightName] ?? []).filter { $0.node.name != candidate.node.name }
      let stranger = readers.strangers(to: candidate.weightName, layers: others + [candidate])
      let odd = others.first { $0.outputAxis != candidate.outputAxis || $0.form != candidate.form }?.node.name
      return candidate.layer(
        bias: bias, in: graph, sharedWith: others.map(\.node.name), stranger: stranger ?? odd)
    }
    self.layers = layers
    indices = Dictionary(
      layers.indices.map { (layers[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  package var names: [String] { layers.map(\.name) }

  package subscript(name: String) -> Layer? { indices[name].map { layers[$0] } }
}

/// A node that has the form of a layer, before its neighbours are looked at.
private struct LayerCandidate {
  let node: Node
  let form: Layer.Form
  let weightName: String
  let shape: Shape
  let outputAxis: Int

  init?(_ node: Node, in graph: Graph) {
    guard node.kind.domain.isEmpty, let form = Layer.Form(rawValue: node.kind.type),
      let weightName = node.input(1), let input = node.input(0), input != weightName,
      let weight = graph.initializers[weightName], node.outputs.first?.isEmpty == false,
      [.float32, .float16, .bfloat16].contains(weight.dataType), weight.shape.count > 0
    else { return nil }
    switch form {
    case .conv: guard weight.shape.rank >= 3 else { return nil }
    case .gemm, .matMul: guard weight.shape.rank == 2 else { return nil }
    }
    self.node = node
    self.form = form
    self.weightName = weightName
    shape = weight.shape
    outputAxis = form == .conv || (form == .gemm && (node.int("transB") ?? 0) != 0) ? 0 : 1
  }

  /// The bias and, for a MatMul, the Add that applies it.
  func bias(in graph: Graph, consumers: [String: [Int]]) -> (name: String?, node: String?) {
    guard form == .matMul else {
      return (node.input(2).flatMap { graph.initializers[$0] == nil ? nil : $0 }, nil)
    }
    guard let readers = consumers[node.outputs[0]], readers.count == 1 else { return (nil, nil) }
    let add = graph.nodes[readers[0]]
    guard add.kind == "Add", add.inputs.count == 2,
      !graph.outputs.contains(where: { $0.name == node.outputs[0] }),
      let name = add.inputs.first(where: { $0 != node.outputs[0] }),
      let row = graph.initializers[name]?.shape, row.rank >= 1,
      row.count == shape[outputAxis], row.dimensions.last == shape[outputAxis]
    else { return (nil, nil) }
    return (name, add.name)
  }

  func layer(
    bias: (name: String?, node: String?), in graph: Graph, sharedWith: [String], stranger: String?
  ) -> Layer {
    let stored = { (name: String) in graph.initializers[name].map(WeightStorage.denseByteCount) ?? 0 }
    return Layer(
      name: node.name, form: form, weightName: weightName, biasName: bias.name, biasNode: bias.node,
      input: node.inputs[0], output: node.outputs[0], shape: shape, outputAxis: outputAxis,
      groups: form == .conv ? max(1, node.int("group") ?? 1) : 1, parameters: shape.count,
      bytes: stored(weightName) + (bias.name.map(stored) ?? 0), sharedWith: sharedWith,
      obstacle: stranger.map { "its weight is also read by \($0) in another way: left as it is" })
  }
}

/// Who reads each constant, nested graphs and graph outputs included.
private struct WeightReaders {
  private var reads: [String: [String]] = [:]

  init(_ graph: Graph) {
    add(graph, as: nil)
    for output in graph.outputs { reads[output.name, default: []].append("the graph's outputs") }
  }

  private mutating func add(_ graph: Graph, as reader: String?) {
    for node in graph.nodes {
      for input in node.inputs where !input.isEmpty {
        reads[input, default: []].append(reader ?? node.name)
      }
      for case .graph(let body) in node.attributes.values {
        for output in body.outputs { reads[output.name, default: []].append(reader ?? node.name) }
        add(body, as: reader ?? node.name)
      }
    }
  }

  /// A reader of the weight other than the given layers reading it once each; nil where there is none.
  func strangers(to weight: String, layers: [LayerCandidate]) -> String? {
    var expected = layers.map(\.node.name)
    for reader in reads[weight] ?? [] {
      guard let index = expected.firstIndex(of: reader) else { return reader }
      expected.remove(at: index)
    }
    return nil
  }
}
