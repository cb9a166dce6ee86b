import GraphIR
import Operators
import TensorCore

/// Nodes whose names and types are found for them. They wait until `takeAdded` gives them a place.
extension GraphBuilder {
  /// - Throws: `OperatorError.undefinedValue` where the type is not known.
  package func type(of value: String) throws -> TensorType {
    guard let type = types[value] ?? base.types[value] else {
      throw OperatorError.undefinedValue(name: value, node: stem)
    }
    return type
  }

  package func shape(of value: String) throws -> Shape { try type(of: value).shape }

  /// A node with what is known of its inputs.
  /// - Throws: `OperatorError.undefinedValue` where a type is not known.
  package func site(of node: Node) throws -> OperatorSite {
    OperatorSite(
      node: node, opset: graph.opset(of: node),
      inputs: try node.inputs.map { $0.isEmpty ? nil : try type(of: $0) },
      constants: node.inputs.map { knownValue($0) })
  }

  /// Gives a value of the graph another type, where who makes and reads it is changed to suit.
  package mutating func retype(_ value: String, _ type: TensorType) { types[value] = type }

  /// Adds a node and returns its first output.
  package mutating func add(
    _ kind: OperatorKind, _ inputs: [String], _ attributes: [String: Attribute] = [:]
  ) throws -> String {
    try add(kind, inputs, attributes, outputs: 1)[0]
  }

  /// Adds a node of some outputs.
  /// - Throws: `OperatorError` where an input has no known type or the operator does not take it.
  package mutating func add(
    _ kind: OperatorKind, _ inputs: [String], _ attributes: [String: Attribute], outputs: Int
  ) throws -> [String] {
    let name = fresh("\(stem)/\(kind.type)")
    let node = Node(
      name: name, kind: kind, inputs: inputs,
      outputs: (0..<outputs).map { _ in fresh("\(name)/value") }, attributes: attributes)
    try append(node)
    return node.outputs
  }

  /// Adds a node that has its names already, and finds the types of its outputs.
  package mutating func append(_ node: Node) throws {
    let site = try site(of: node)
    let found = try registry.find(node, opset: site.opset).infer(site)
    guard found.count >= node.outputs.count else {
      throw OperatorError.outputs(
        kind: node.kind, node: node.name, expected: found.count, found: node.outputs.count)
    }
    try site.checkSizes(Array(found.prefix(node.outputs.count)))
    for (output, type) in zip(node.outputs, found) where !output.isEmpty { types[output] = type }
    added.append(node)
  }

  /// The nodes added since the last call, in order; who takes them gives them a place.
  package mutating func takeAdded() -> [Node] {
    defer { added = [] }
    return added
  }
}
