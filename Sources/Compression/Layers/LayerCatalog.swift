import Foundation
import GraphIR
import Operators
import Recipes
import Rewriting
import TensorCore

/// The compressible layers of a graph, in graph order; those of nested graphs stand where the node that runs them does.
///
/// Conv reads its weight as input 1, Gemm as B, MatMul as its right operand of rank 2; ConvTranspose and the gates of
/// LSTM, GRU and RNN read theirs through a constant view (see `LayerForms`), and Gather looks up rows of its data. The
/// weight is a float32, half or quantized constant. A weight that several layers read the same way is compressed once
/// for all of them, and so is the table of an embedding that an output projection reads too, perhaps transposed; one
/// that is also read in any other way stays as it is (`Layer.obstacle`).
package struct LayerCatalog: Sendable {
  package let layers: [Layer]
  private let indices: [String: Int]

  package init(_ graph: Graph) {
    let readers = WeightReaders(graph)
    let candidates = LayerFinder(constants: graph.initializers).candidates(in: graph, around: nil)
    var sharers: [String: [LayerCandidate]] = [:]
    for candidate in candidates { sharers[candidate.weightName, default: []].append(candidate) }
    let layers = candidates.map { candidate in
      var candidate = candidate
      let others = (sharers[candidate.weightName] ?? []).filter { $0.name != candidate.name }
      if candidate.form == .gather {
        if others.contains(where: { $0.form != .gather }) { candidate.restriction = Layer.sharedTable }
      } else if let table = readers.table(of: candidate.weightName) {
        candidate.restriction = "a weight shared with the table of \(table)"
      }
      let stranger = readers.strangers(
        to: candidate.weightName, layers: (others + [candidate]).filter { $0.form != .gather })
      // Rows that are looked up are the rows of whatever else reads the weight by its first axis.
      let odd = others.first {
        $0.outputAxis != candidate.outputAxis
          || $0.form != candidate.form && $0.form != .gather && candidate.form != .gather
      }?.name
      return candidate.layer(
        constants: graph.initializers, sharedWith: others.map(\.name), stranger: stranger ?? odd)
    }
    self.layers = layers
    indices = Dictionary(
      layers.indices.map { (layers[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  package var names: [String] { layers.map(\.name) }

  /// The recipe with layers by the names that they have here, where it names them as the file does.
  func renaming(_ recipe: Recipe) -> Recipe {
    guard !recipe.layers.isEmpty else { return recipe }
    var renamed = recipe
    for layer in layers {
      guard let former = layer.formerName, indices[former] == nil, recipe.layers[layer.name] == nil,
        let override = renamed.layers.removeValue(forKey: former)
      else { continue }
      renamed.layers[layer.name] = override
    }
    return renamed
  }

  package subscript(name: String) -> Layer? { indices[name].map { layers[$0] } }
}

/// A node that has the form of a layer, before its neighbours are looked at.
struct LayerCandidate {
  var name: String
  let node: Node
  let form: Layer.Form
  let label: String
  let weightName: String
  let weight: Weight
  let outputAxis: Int
  /// Who reads the weight: the node, a view in front of it, or the outermost node that runs the graph it is in.
  var reader: String
  var bias: (name: String?, node: String?) = (nil, nil)
  var restriction: String?

  /// What the file calls the node, in the place of its name.
  private var formerName: String? {
    guard let former = node.formerName, let place = name.range(of: node.name, options: .backwards)
    else { return nil }
    return name.replacingCharacters(in: place, with: former)
  }

  private var stored: String? {
    switch weight {
    case .quantized(let tensor): "\(tensor.bits.rawValue) bits"
    case .dense(let tensor): tensor.dataType == .float32 ? nil : "16 bits"
    }
  }

  func layer(constants: [String: Weight], sharedWith: [String], stranger: String?) -> Layer {
    let bytes = { (name: String) in constants[name].map(WeightStorage.denseByteCount) ?? 0 }
    return Layer(
      name: name, node: node.name, formerName: formerName, label: label, form: form, weightName: weightName,
      biasName: bias.name,
      biasNode: bias.node, input: node.inputs[form == .gather ? 1 : 0], output: node.outputs[0],
      shape: weight.shape,
      outputAxis: outputAxis, groups: node.kind == "Conv" ? max(1, node.int("group") ?? 1) : 1,
      readsTransposed: node.kind == "Gemm" && (node.int("transA") ?? 0) != 0,
      stored: stored, parameters: weight.shape.count, bytes: bytes(weightName) + (bias.name.map(bytes) ?? 0),
      sharedWith: sharedWith,
      obstacle: stranger.map { "its weight is also read by \($0) in another way: left as it is" },
      restriction: restriction)
  }
}

/// Finds candidates in a graph and those nested in it.
private struct LayerFinder {
  /// The outermost graph's constants, where `LayerForms` put those of nested graphs too.
  let constants: [String: Weight]

  /// - Parameter outer: the outermost node that runs this graph; nil for the model's own.
  func candidates(in graph: Graph, around outer: (name: String, kind: String)?) -> [LayerCandidate] {
    let consumers = graph.consumers
    let producers = graph.producers
    let outputs = Set(graph.outputs.map(\.name))
    return graph.nodes.flatMap { node -> [LayerCandidate] in
      var found = plain(node).map { [$0] } ?? viewed(node, graph, producers)
      for index in found.indices {
        if node.kind == "MatMul" {
          found[index].bias = addedBias(found[index], graph, consumers, outputs)
        } else if found[index].label == "Conv" || found[index].label == "Gemm" {
          found[index].bias = (node.input(2).flatMap { constants[$0] == nil ? nil : $0 }, nil)
        }
        guard let outer else { continue }
        if !found[index].name.hasPrefix(outer.name) {
          found[index].name = "\(outer.name)/\(found[index].name)"
        }
        found[index].reader = outer.name
        found[index].restriction = "a layer inside \(outer.kind)"
      }
      for key in node.attributes.keys.sorted() {
        guard case .graph(let body)? = node.attributes[key] else { continue }
        found += candidates(in: body, around: outer ?? (node.name, node.kind.type))
      }
      return found
    }
  }

  private func weight(_ name: String?) -> (name: String, weight: Weight)? {
    guard let name, let weight = constants[name], weight.shape.count > 0,
      [.float32, .float16, .bfloat16].contains(weight.dataType)
    else { return nil }
    return (name, weight)
  }

  private func plain(_ node: Node) -> LayerCandidate? {
    guard node.kind.domain.isEmpty, let form = Layer.Form(rawValue: node.kind.type) else { return nil }
    if form == .gather { return table(node) }
    guard let input = node.input(0),
      let found = weight(node.input(1)), input != found.name, node.outputs.first?.isEmpty == false
    else { return nil }
    switch form {
    case .conv: guard found.weight.shape.rank >= 3 else { return nil }
    case .gemm, .matMul, .gather: guard found.weight.shape.rank == 2 else { return nil }
    }
    let isTransposed = form == .conv || (form == .gemm && (node.int("transB") ?? 0) != 0)
    return LayerCandidate(
      name: node.name, node: node, form: form, label: form.rawValue, weightName: found.name,
      weight: found.weight,
      outputAxis: isTransposed ? 0 : 1, reader: node.name)
  }

  /// Rows of a constant matrix, by indices that are computed.
  private func table(_ node: Node) -> LayerCandidate? {
    guard (node.int("axis") ?? 0) == 0 || node.int("axis") == -2, let found = weight(node.input(0)),
      found.weight.shape.rank == 2, let indices = node.input(1), constants[indices] == nil,
      node.outputs.first?.isEmpty == false
    else { return nil }
    return LayerCandidate(
      name: node.name, node: node, form: .gather, label: "Embedding", weightName: found.name,
      weight: found.weight, outputAxis: 0, reader: node.name, restriction: Layer.table)
  }

  /// Weights read through a view.
  private func viewed(_ node: Node, _ graph: Graph, _ producers: [String: Int]) -> [LayerCandidate] {
    guard node.kind.domain.isEmpty, node.outputs.contains(where: { !$0.isEmpty }), node.input(0) != nil else {
      return []
    }
    var inputs = MatrixViews.recurrent[node.kind] ?? []
    if node.kind == "ConvTranspose" { inputs = [(1, "")] }
    if node.kind == "MatMul" || node.kind == "Gemm" { return tied(node, graph, producers).map { [$0] } ?? [] }
    return inputs.compactMap { index, part in
      guard let view = firstView(of: node.input(index), graph, producers), let found = weight(view.input(0))
      else { return nil }
      var named = node
      if named.outputs[0].isEmpty { named.outputs[0] = node.outputs.first { !$0.isEmpty } ?? "" }
      return LayerCandidate(
        name: part.isEmpty ? node.name : "\(node.name)/\(part)", node: named,
        form: part.isEmpty ? .conv : .gemm, label: node.kind.type, weightName: found.name,
        weight: found.weight,
        outputAxis: 0, reader: view.name,
        restriction: part.isEmpty ? "a transposed convolution" : Layer.gates)
    }
  }

  /// The first of the Reshapes and Transposes that stand between a constant and its reader.
  private func firstView(of value: String?, _ graph: Graph, _ producers: [String: Int]) -> Node? {
    var view: Node?
    var value = value
    // A chain is as long as the graph at most.
    while let index = value.flatMap({ producers[$0] }),
      ["Reshape", "Transpose"].contains(graph.nodes[index].kind)
    {
      view = graph.nodes[index]
      value = view?.input(0)
    }
    return view
  }

  /// A product with a transposed matrix that others read as it is, such as the table of an embedding.
  private func tied(_ node: Node, _ graph: Graph, _ producers: [String: Int]) -> LayerCandidate? {
    guard (node.int("transB") ?? 0) == 0, let index = node.input(1).flatMap({ producers[$0] }),
      case let turn = graph.nodes[index], turn.kind == "Transpose", let found = weight(turn.input(0)),
      found.weight.shape.rank == 2, turn.ints("perm") ?? [1, 0] == [1, 0]
    else { return nil }
    return LayerCandidate(
      name: node.name, node: node, form: .gemm, label: node.kind.type, weightName: found.name,
      weight: found.weight, outputAxis: 0, reader: turn.name, restriction: "a weight read through a transpose"
    )
  }

  /// The bias of a MatMul and the Add that applies it.
  private func addedBias(
    _ candidate: LayerCandidate, _ graph: Graph, _ consumers: [String: [Int]], _ outputs: Set<String>
  ) -> (name: String?, node: String?) {
    let output = candidate.node.outputs[0]
    let width = candidate.weight.shape[candidate.outputAxis]
    guard let readers = consumers[output], readers.count == 1, !outputs.contains(output) else {
      return (nil, nil)
    }
    let add = graph.nodes[readers[0]]
    guard add.kind == "Add", add.inputs.count == 2, let name = add.inputs.first(where: { $0 != output }),
      let row = constants[name]?.shape, row.rank >= 1, row.count == width, row.dimensions.last == width
    else { return (nil, nil) }
    return (name, add.name)
  }
}

/// Who reads each constant, nested graphs and graph outputs included.
private struct WeightReaders {
  private var reads: [String: [String]] = [:]
  /// The Gather nodes that read a constant's rows, by constant.
  private var tables: [String: [String]] = [:]

  /// A Gather that takes rows of the weight; it reads whatever the weight becomes.
  func table(of weight: String) -> String? { tables[weight]?.first }

  init(_ graph: Graph) {
    add(graph, as: nil)
    for output in graph.outputs { reads[output.name, default: []].append("the graph's outputs") }
  }

  private mutating func add(_ graph: Graph, as reader: String?) {
    for node in graph.nodes {
      // What a weight's shape is for is no concern of its values.
      let readsShapes =
        OperatorRegistry.standard[node.kind]?.traits(of: node.kind).promises.contains(.typeOnly) == true
      for (place, input) in node.inputs.enumerated() where !input.isEmpty {
        if node.kind == "Gather", place == 0, [0, -2].contains(node.int("axis") ?? 0) {
          tables[input, default: []].append(node.name)
        } else if !readsShapes {
          reads[input, default: []].append(reader ?? node.name)
        }
      }
      for body in node.bodies {
        for output in body.outputs { reads[output.name, default: []].append(reader ?? node.name) }
        add(body, as: reader ?? node.name)
      }
    }
  }

  /// A reader of the weight other than the given layers reading it once each; nil where there is none.
  func strangers(to weight: String, layers: [LayerCandidate]) -> String? {
    var expected = layers.map(\.reader)
    for reader in reads[weight] ?? [] {
      guard let index = expected.firstIndex(of: reader) else { return reader }
      expected.remove(at: index)
    }
    return nil
  }
}
