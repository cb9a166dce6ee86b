import TensorCore

/// One operator application: named values in, named values out. An empty input name is an omitted optional input.
package struct Node: Sendable {
  package var name: String
  package var kind: OperatorKind
  package var inputs: [String]
  package var outputs: [String]
  package var attributes: [String: Attribute]
  /// The operator set whose rules it follows where that is not the graph's: nodes that a plan writes a composite operator
  /// out as. No file can say it.
  package var opset: Int?
  /// What the exporter says of it, by key, such as where in the network's own modules it stands.
  package var metadata: [String: String] = [:]
  /// What the file calls it, where it goes by a name that says more.
  package var formerName: String?

  package init(
    name: String, kind: OperatorKind, inputs: [String], outputs: [String],
    attributes: [String: Attribute] = [:], opset: Int? = nil
  ) {
    self.opset = opset
    self.name = name
    self.kind = kind
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
  }

  /// The graphs nested in the node's attributes, in no order.
  package var bodies: [Graph] {
    attributes.values.flatMap { attribute in
      switch attribute {
      case .graph(let body): [body]
      case .graphs(let bodies): bodies
      default: [Graph]()
      }
    }
  }

  /// Replaces every nested graph, in the order of the attributes' names.
  package mutating func mapBodies(_ change: (Graph) throws -> Graph) rethrows {
    for (name, attribute) in attributes.sorted(by: { $0.key < $1.key }) {
      switch attribute {
      case .graph(let body): attributes[name] = .graph(try change(body))
      case .graphs(let bodies): attributes[name] = .graphs(try bodies.map(change))
      default: break
      }
    }
  }

  /// Input `index`, or nil where it is omitted.
  package func input(_ index: Int) -> String? {
    guard inputs.indices.contains(index), !inputs[index].isEmpty else { return nil }
    return inputs[index]
  }

  package func int(_ name: String) -> Int? {
    if case .int(let value) = attributes[name] { value } else { nil }
  }

  package func float(_ name: String) -> Float? {
    if case .float(let value) = attributes[name] { value } else { nil }
  }

  package func string(_ name: String) -> String? {
    if case .string(let value) = attributes[name] { value } else { nil }
  }

  package func ints(_ name: String) -> [Int]? {
    if case .ints(let value) = attributes[name] { value } else { nil }
  }

  package func floats(_ name: String) -> [Float]? {
    if case .floats(let value) = attributes[name] { value } else { nil }
  }

  package func tensor(_ name: String) -> Tensor? {
    if case .tensor(let value) = attributes[name] { value } else { nil }
  }
}
