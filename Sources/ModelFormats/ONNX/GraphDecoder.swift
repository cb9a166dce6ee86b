import GraphIR
import TensorCore

/// Turns a stored graph, and the graphs nested in its attributes, into a `Graph`.
struct GraphDecoder {
  let file: String
  let opsets: [String: Int]
  let tensors: TensorDecoder

  /// - Parameter size: of the file in bytes.
  init(file: String, folder: String?, opsets: [String: Int], size: Int) {
    self.file = file
    self.opsets = opsets
    tensors = TensorDecoder(
      file: file, external: ExternalData(file: file, folder: folder), sparse: SparseBudget(fileSize: size))
  }

  /// - Parameter outer: for each enclosing graph, outermost first, the names it defines. A list and not one
  ///   set: merging them for each nested graph would take quadratic time in a hostile file.
  func graph(_ proto: ONNXGraphProto, outer: [Set<String>]) throws -> Graph {
    var initializers = try initializers(proto)
    let weights = initializers.weights
    // A nested graph's inputs have the types of what the node feeds them.
    let inputs = try values(proto.input, what: "inputs", mayBeUntyped: !outer.isEmpty).filter {
      weights[$0.name] == nil
    }
    let outputs = try values(proto.output, what: "outputs", mayBeUntyped: true)

    var defined = Set(weights.keys).union(inputs.map(\.name))
    for node in proto.node { defined.formUnion(node.output) }
    let scopes = outer + [defined]

    var names = NodeNames(taken: proto.node.map(\.name))
    var nodes: [Node] = []
    nodes.reserveCapacity(proto.node.count)
    for (index, stored) in proto.node.enumerated() {
      let name = names.next(stored.name, fallback: "\(stored.opType)_\(index)")
      let node = try self.node(stored, name: name, scopes: scopes)
      if node.kind == "Constant" {
        try addConstant(node, stored: stored, to: &initializers)
      } else {
        nodes.append(node)
      }
    }

    let graph = try ClassicalOperators.rewritten(
      Graph(
        name: proto.name, inputs: inputs, outputs: outputs, nodes: nodes,
        initializers: initializers.weights, opsets: opsets))
    let folded = TableFolding(forms: initializers.forms).folded(
      WeightFolding(forms: initializers.forms).folded(
        CodeFolding(forms: initializers.forms.compactMapValues(\.codes)).folded(graph)))
    do {
      return try folded.sorted(outer: reads(folded, from: outer))
    } catch {
      throw FormatError.invalidGraph(file: file, reason: "\(error)")
    }
  }

  /// A weight's stored form, which folding looks at.
  struct Initializers {
    var weights: [String: Weight] = [:]
    var forms: [String: StoredForm] = [:]
  }

  private func initializers(_ proto: ONNXGraphProto) throws -> Initializers {
    var result = Initializers()
    for stored in proto.initializer {
      let label = stored.name
      guard !label.isEmpty else {
        throw FormatError.invalidTensor(file: file, tensor: "", expected: "a name", found: "none")
      }
      let tensor = try tensors.tensor(stored, label: label)
      guard result.weights.updateValue(.dense(tensor), forKey: label) == nil else {
        throw FormatError.duplicateName(file: file, what: "initializers", name: label)
      }
      result.forms[label] = StoredForm(stored)
    }
    for stored in proto.sparseInitializer {
      let label = stored.values.name
      guard !label.isEmpty else {
        throw FormatError.invalidTensor(file: file, tensor: "", expected: "a name", found: "none")
      }
      let tensor = try tensors.tensor(stored, label: label)
      guard result.weights.updateValue(.dense(tensor), forKey: label) == nil else {
        throw FormatError.duplicateName(file: file, what: "initializers", name: label)
      }
    }
    return result
  }

  private func values(
    _ protos: [ONNXValueInfoProto], what: String, mayBeUntyped: Bool = false
  ) throws -> [ValueInfo] {
    var seen: Set<String> = []
    return try protos.map { proto in
      guard seen.insert(proto.name).inserted else {
        throw FormatError.duplicateName(file: file, what: what, name: proto.name)
      }
      return try value(proto, mayBeUntyped: mayBeUntyped)
    }
  }

  private func value(_ proto: ONNXValueInfoProto, mayBeUntyped: Bool) throws -> ValueInfo {
    // An output's type follows from the graph; a model input's does not.
    if mayBeUntyped, proto.type.value == nil || proto.type.isMapped {
      return ValueInfo(name: proto.name, dataType: .float32, dimensions: nil)
    }
    return try TypeDecoder(file: file).value(proto.type, name: proto.name)
  }

  private func node(_ proto: ONNXNodeProto, name: String, scopes: [Set<String>]) throws -> Node {
    guard !proto.opType.isEmpty else {
      throw FormatError.invalidNode(
        file: file, node: name, kind: "?", expected: "an operator", found: "none")
    }
    let kind = OperatorKind(proto.opType, domain: proto.domain)
    var attributes: [String: Attribute] = [:]
    let decoder = AttributeDecoder(graphs: self, node: name, kind: kind, scopes: scopes)
    for stored in proto.attribute {
      guard try attributes.updateValue(decoder.attribute(stored), forKey: stored.name) == nil else {
        throw FormatError.invalidNode(
          file: file, node: name, kind: kind.description, expected: "attributes with unique names",
          found: "two named \(stored.name)")
      }
    }
    var node = Node(
      name: name, kind: kind, inputs: proto.input, outputs: proto.output, attributes: attributes)
    for entry in proto.metadataProps { node.metadata[entry.key] = entry.value }
    return node
  }

  private func addConstant(_ node: Node, stored: ONNXNodeProto, to result: inout Initializers) throws {
    guard let output = node.outputs.first, !output.isEmpty, node.outputs.count == 1 else {
      throw FormatError.invalidNode(
        file: file, node: node.name, kind: "Constant", expected: "one output", found: "\(node.outputs.count)")
    }
    guard result.weights[output] == nil else {
      throw FormatError.duplicateName(file: file, what: "values", name: output)
    }
    result.weights[output] = .dense(try constant(node))
    if let value = stored.attribute.first(where: { $0.name == "value" && $0.type == .tensor }) {
      result.forms[output] = StoredForm(value.t)
    }
  }

  private func constant(_ node: Node) throws -> Tensor {
    if let tensor = node.tensor("value") ?? node.tensor("sparse_value") { return tensor }
    if let value = node.float("value_float") { return Tensor(scalar: value) }
    if let value = node.int("value_int") { return Tensor(scalar: Int64(value)) }
    if let values = node.floats("value_floats") { return try Tensor(shape: Shape([values.count]), values) }
    if let values = node.ints("value_ints") {
      return try Tensor(shape: Shape([values.count]), values.map { Int64($0) })
    }
    if let value = node.string("value_string") { return try Tensor(shape: [], strings: [value]) }
    if case .strings(let values)? = node.attributes["value_strings"] {
      return try Tensor(shape: Shape([values.count]), strings: values)
    }
    throw FormatError.invalidNode(
      file: file, node: node.name, kind: "Constant", expected: "a tensor or numbers as its value",
      found: node.attributes.keys.sorted().joined(separator: ", "))
  }

  /// The names a nested graph reads from the graphs around it.
  private func reads(_ graph: Graph, from outer: [Set<String>]) -> Set<String> {
    guard !outer.isEmpty else { return [] }
    var own = Set(graph.initializers.keys).union(graph.inputs.map(\.name))
    for node in graph.nodes { own.formUnion(node.outputs) }
    var read = Set(graph.outputs.map(\.name))
    for node in graph.nodes { read.formUnion(node.reads) }
    return read.filter { name in !own.contains(name) && outer.contains { $0.contains(name) } }
  }
}

/// Unique, non-empty node names: the file's own where it has them.
struct NodeNames {
  private var names: NameTable
  private var given: Set<String> = []

  /// - Parameter taken: the names of all nodes.
  init(taken: [String]) { names = NameTable(taken: taken) }

  mutating func next(_ stored: String, fallback: String) -> String {
    if !stored.isEmpty, given.insert(stored).inserted { return stored }
    return names.fresh(stored.isEmpty ? fallback : stored)
  }
}
