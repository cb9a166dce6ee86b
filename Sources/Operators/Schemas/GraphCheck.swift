import GraphIR
import TensorCore

/// Whether a graph is one that a file may hold, as ONNX declares it: unique names, every value made before it is read,
/// operators that their operator set has, with as many inputs and outputs as it wants, attributes that it knows, and
/// elements of types that it takes.
///
/// Kinds are followed through the graph and those nested in it; where one is not known (behind an operator of another
/// domain) nothing is said of it. Operators of other domains are not looked into.
package enum GraphCheck {
  /// - Throws: `GraphFault` or `GraphError` for the first fault, in the order of the nodes.
  package static func check(_ graph: Graph) throws {
    try graph.checkInvariants()
    for (name, weight) in graph.initializers {
      if case .quantized = weight {
        throw GraphFault("\"\(name)\" is a quantized weight, which no file holds")
      }
    }
    var kinds = GraphKinds(graph)
    try check(graph, &kinds)
  }

  /// The first operator set from the graph's own on in which no node uses what came later; nodes that none of them takes
  /// count for nothing.
  package static func neededOpset(of graph: Graph) -> Int {
    var kinds = GraphKinds(graph)
    return neededOpset(of: graph, &kinds)
  }

  private static func neededOpset(of graph: Graph, _ kinds: inout GraphKinds) -> Int {
    var needed = graph.opset
    for node in graph.nodes {
      if node.kind.domain.isEmpty, fault(of: node, kinds, opset: graph.opset) != nil {
        let later = kinds.schemas.changes(of: node.kind, after: graph.opset)
        needed = max(needed, later.first { fault(of: node, kinds, opset: $0) == nil } ?? needed)
      }
      for body in node.bodies {
        var inner = kinds.inside(body, of: node)
        needed = max(needed, neededOpset(of: body, &inner))
      }
      kinds.add(node)
    }
    return needed
  }

  private static func check(_ graph: Graph, _ kinds: inout GraphKinds) throws {
    for node in graph.nodes {
      if let reason = fault(of: node, kinds, opset: kinds.opset(of: node.kind)) {
        throw GraphFault(node, reason)
      }
      for (_, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
        for body in attribute.graphs {
          var inner = kinds.inside(body, of: node)
          try check(body, &inner)
        }
      }
      kinds.add(node)
    }
    for output in graph.outputs {
      let declared = ValueKind(output.dataType, wrapping: output.wrapping)
      guard output.isTyped, let found = kinds[output.name], found != declared else { continue }
      throw GraphFault("the output \"\(output.name)\" is declared as \(declared), but is \(found)")
    }
  }

  /// What is wrong with a node as a member of an operator set; nil where nothing is.
  private static func fault(of node: Node, _ kinds: GraphKinds, opset: Int) -> String? {
    switch kinds.schemas.entry(node.kind, opset: opset) {
    case .foreign: nil
    case .missing: "operator set \(opset) does not have it"
    case .removed: "operator set \(opset) has it no more"
    case .schema(let schema):
      count(node.inputs, schema.inputs, "inputs", opset) ?? count(
        node.outputs, schema.outputs, "outputs", opset)
        ?? attributes(of: node, schema, opset) ?? inputTypes(of: node, schema, kinds, opset)
    }
  }

  private static func count(
    _ names: [String], _ parameters: [OperatorSchema.Parameter], _ what: String, _ opset: Int
  ) -> String? {
    let least = OperatorSchema.minimum(of: parameters)
    let given = names.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0
    if given < least { return "it has \(given) \(what), but operator set \(opset) wants \(least)" }
    for (index, name) in names.enumerated() {
      guard let parameter = OperatorSchema.parameter(index, of: parameters) else {
        return name.isEmpty
          ? nil : "it has \(given) \(what), but operator set \(opset) takes \(parameters.count)"
      }
      if name.isEmpty, parameter.presence == .required, what == "inputs" {
        return "its input \(index) is left out, but operator set \(opset) wants it"
      }
    }
    return nil
  }

  private static func attributes(of node: Node, _ schema: OperatorSchema, _ opset: Int) -> String? {
    for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
      guard let form = schema.attributes[name] else {
        return "operator set \(opset) does not know its attribute \"\(name)\""
      }
      if form.type != attribute.schemaType, !attribute.isEmptyList {
        return "its attribute \"\(name)\" is \(attribute.kindName), which operator set \(opset) does not take"
      }
    }
    let missing = schema.attributes.filter { $0.value.isRequired && node.attributes[$0.key] == nil }.keys
      .min()
    return missing.map { "it lacks the attribute \"\($0)\", which operator set \(opset) wants" }
  }

  private static func inputTypes(
    of node: Node, _ schema: OperatorSchema, _ kinds: GraphKinds, _ opset: Int
  ) -> String? {
    var variables: [String: (kind: ValueKind, input: Int)] = [:]
    for (index, input) in node.inputs.enumerated() {
      guard let kind = kinds[input], let parameter = OperatorSchema.parameter(index, of: schema.inputs) else {
        continue
      }
      // What takes an optional takes what it holds.
      let isTaken = parameter.kinds.contains(kind) || parameter.kinds.contains(kind.wrapped(in: .optional))
      if !isTaken {
        return "its input \(index), \"\(input)\", is \(kind), which operator set \(opset) does not take there"
      }
      guard let variable = parameter.variable, parameter.isHomogeneous else { continue }
      if let first = variables[variable], first.kind != kind {
        return
          "its inputs \(first.input) and \(index) are \(first.kind) and \(kind), but have to be of one type"
      }
      variables[variable] = variables[variable] ?? (kind, index)
    }
    return nil
  }
}

extension Attribute {
  /// The graphs it holds.
  fileprivate var graphs: [Graph] {
    switch self {
    case .graph(let graph): [graph]
    case .graphs(let graphs): graphs
    case .int, .float, .string, .tensor, .ints, .floats, .strings, .tensors, .type: []
    }
  }
}
