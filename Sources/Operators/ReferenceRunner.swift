import GraphIR
import Kernels
import TensorCore

/// Runs a graph node by node, every value in memory of its own: slow, simple, and what faster plans are compared with.
package struct ReferenceRunner: Sendable {
  private let registry: OperatorRegistry
  private let table: KernelTable

  package init(registry: OperatorRegistry = .standard, table: KernelTable) {
    self.registry = registry
    self.table = table
  }

  /// The graph's outputs for `inputs`, whose shapes bind the symbolic dimensions.
  /// - Throws: `OperatorError`, `GraphError`, `TensorError`.
  package func run(_ graph: Graph, inputs: [String: Tensor]) throws -> [String: Tensor] {
    var values = try runAll(graph, inputs: inputs)
    let wanted = Set(graph.outputs.map(\.name))
    values = values.filter { wanted.contains($0.key) }
    return values
  }

  /// Every value of the graph, inputs and initializers included.
  package func runAll(_ graph: Graph, inputs: [String: Tensor]) throws -> [String: Tensor] {
    let graph = try graph.sorted()
    let known = try ShapeInference.inferTypes(
      graph: graph, dimensions: ShapeInference.dimensions(of: graph, from: inputs), registry: registry)
    try check(inputs, against: graph, known)

    var values = inputs
    for (name, weight) in graph.initializers { values[name] = weight.tensor }
    values.merge(known.constants) { _, constant in constant }
    for node in graph.nodes where !known.foldedNodes.contains(node.name) {
      let member = try registry.find(node, opset: graph.opset(of: node.kind))
      let site = try known.site(of: node, in: graph)
      let outputs = try Array(member.infer(site).prefix(node.outputs.count))
      let body = try member.prepare(site, outputs: outputs, table: table)
      let results = try body.evaluate(inputs: node.inputs.map { values[$0] }, outputs: outputs)
      for (name, result) in zip(node.outputs, results) where !name.isEmpty { values[name] = result }
    }
    return values
  }

  private func check(_ inputs: [String: Tensor], against graph: Graph, _ known: InferredTypes) throws {
    for input in graph.inputs {
      guard let expected = known.types[input.name] else { continue }
      guard let tensor = inputs[input.name] else {
        throw OperatorError.graphInput(
          name: input.name, expected: expected.description, found: "not given")
      }
      let found = TensorType(tensor.dataType, tensor.shape)
      guard found == expected else {
        throw OperatorError.graphInput(
          name: input.name, expected: expected.description, found: found.description)
      }
    }
    let names = Set(graph.inputs.map(\.name))
    if let extra = inputs.keys.filter({ !names.contains($0) }).min() {
      throw OperatorError.graphInput(
        name: extra, expected: "one of " + names.sorted().joined(separator: ", "),
        found: "no input of the model")
    }
  }
}
