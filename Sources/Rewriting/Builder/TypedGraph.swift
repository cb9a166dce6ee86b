import GraphIR
import Operators
import TensorCore

/// A sorted graph with the type of every value, as far as they are known.
package struct TypedGraph: Sendable {
  package internal(set) var graph: Graph
  package internal(set) var types: [String: TensorType]
  /// Values that do not depend on the inputs, where they were computed.
  package internal(set) var constants: [String: Tensor]
  /// Nodes all of whose outputs are in `constants`.
  package internal(set) var foldedNodes: Set<String>
  /// Values that must still exist under their name: graph outputs, and those the caller wants to read.
  package let pinned: Set<String>
  /// Whether every value must have a type.
  package let isTyped: Bool

  /// - Parameters:
  ///   - keep: values besides the outputs that must keep their names.
  ///   - isTyped: whether `known` has a type for every value.
  package init(
    _ graph: Graph, known: InferredTypes = InferredTypes(), keep: Set<String> = [], isTyped: Bool = false
  ) {
    self.isTyped = isTyped
    self.graph = graph
    types = known.types
    constants = known.constants
    foldedNodes = known.foldedNodes
    pinned = keep.union(graph.outputs.map(\.name))
  }

  /// The value of an initializer; quantized ones as floats.
  package func constant(_ name: String?) -> Tensor? {
    guard let name else { return nil }
    return graph.initializers[name]?.tensor
  }

  /// The single element of an initializer as a float.
  package func scalar(_ name: String?) -> Float? {
    guard let tensor = constant(name), tensor.count == 1 else { return nil }
    return tensor.floats.first
  }
}

extension TypedGraph {
  /// A graph of fixed dimensions made ready for a plan: sorted, with the types of all values, composite operators written
  /// out, and what is constant in the place of the nodes that would compute it.
  /// - Parameter keep: values besides the outputs that must keep their names.
  /// - Throws: `GraphError`, and what `ShapeInference` throws.
  package init(planning graph: Graph, keep: Set<String>, registry: OperatorRegistry) throws {
    func typed(_ graph: Graph) throws -> TypedGraph {
      let known = try ShapeInference.inferTypes(
        graph: graph.wideningStoredHalves(keepsValues: true), dimensions: [:], registry: registry)
      return TypedGraph(graph, known: known, keep: keep, isTyped: true)
    }
    var builder = GraphBuilder(try typed(graph.sorted()), registry: registry)
    if builder.graph.nodes.contains(where: { registry.composite($0.kind) != nil }) {
      try PassList.composites.apply(to: &builder)
      builder = GraphBuilder(try typed(builder.graph), registry: registry)
    }
    try PassList.folding.apply(to: &builder)
    self = builder.base
  }

  /// The graph after the passes of a list, without constants that nothing reads any more.
  /// - Throws: `GraphError`, and what the passes throw.
  package func applying(_ list: PassList, registry: OperatorRegistry) throws -> TypedGraph {
    var builder = GraphBuilder(self, registry: registry)
    try list.apply(to: &builder)
    var result = builder.base
    var read = pinned
    for node in result.graph.nodes { node.addReads(to: &read) }
    result.graph.initializers = result.graph.initializers.filter { read.contains($0.key) }
    return result
  }
}
