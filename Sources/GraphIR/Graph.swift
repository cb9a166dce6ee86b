import TensorCore

/// A computation: nodes over named values, in an order in which each value is produced before it is used.
package struct Graph: Sendable {
  package var name: String
  /// Inputs to be fed, without those that only name an initializer.
  package var inputs: [ValueInfo]
  package var outputs: [ValueInfo]
  package var nodes: [Node]
  package var initializers: [String: Weight]
  /// The operator-set version of every imported domain; "" is `ai.onnx`.
  package var opsets: [String: Int]

  package init(
    name: String, inputs: [ValueInfo], outputs: [ValueInfo], nodes: [Node],
    initializers: [String: Weight], opsets: [String: Int]
  ) {
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.nodes = nodes
    self.initializers = initializers
    self.opsets = opsets
  }

  /// The version of the default operator set; 13 where the file does not say.
  package var opset: Int { opsets[""] ?? 13 }

  /// Node indices that read each value, in graph order: the one answer to who reads a value. What the bodies of If, Loop
  /// and Scan take from around them is read by the node that runs them. Outputs of the graph are no readers.
  package var consumers: [String: [Int]] {
    var consumers: [String: [Int]] = [:]
    for (index, node) in nodes.enumerated() {
      for name in node.reads { consumers[name, default: []].append(index) }
    }
    return consumers
  }

  /// The index of the node that produces each value.
  package var producers: [String: Int] {
    var producers: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty { producers[output] = index }
    }
    return producers
  }
}
