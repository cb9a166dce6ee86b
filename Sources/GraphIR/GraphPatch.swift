/// A labelled edit: nodes replaced by nodes, and weights set or removed. Passes return patches; nothing edits a graph in place.
package struct GraphPatch: Sendable {
  package let label: String
  /// Replacement nodes for a node, by the name of the node they take the place of; empty removes it.
  package var replacements: [String: [Node]]
  package var weights: [String: Weight]

  package init(label: String, replacements: [String: [Node]] = [:], weights: [String: Weight] = [:]) {
    self.label = label
    self.replacements = replacements
    self.weights = weights
  }

  package var isEmpty: Bool { replacements.isEmpty && weights.isEmpty }
}

extension Graph {
  /// A new graph with the patch applied and weights that nothing reads any more dropped.
  /// - Throws: `GraphError.patchMissesNode` where the patch names a node that is not there.
  package func applying(_ patch: GraphPatch) throws -> Graph {
    if patch.isEmpty { return self }
    var result = self
    var unused = Set(patch.replacements.keys)
    result.nodes = nodes.flatMap { node in
      guard let replacement = patch.replacements[node.name] else { return [node] }
      unused.remove(node.name)
      return replacement
    }
    if let name = unused.min() { throw GraphError.patchMissesNode(label: patch.label, node: name) }
    result.initializers.merge(patch.weights) { _, new in new }
    return result.droppingUnreadWeights()
  }

  /// The graph without initializers that no node and no output reads.
  package func droppingUnreadWeights() -> Graph {
    var read = Set(outputs.map(\.name))
    for node in nodes { read.formUnion(node.reads) }
    var result = self
    result.initializers = initializers.filter { read.contains($0.key) }
    return result
  }
}
