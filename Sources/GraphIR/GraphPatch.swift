/// A labelled edit: nodes replaced by nodes, weights set, and values that go by another name. Passes return patches, which
/// Rewriting's `GraphBuilder` makes; nothing edits a graph in place.
package struct GraphPatch: Sendable {
  package let label: String
  /// Replacement nodes for a node, by the name of the node they take the place of; empty removes it.
  package var replacements: [String: [Node]]
  package var weights: [String: Weight]
  /// Who reads the key, nested graphs included, reads the value instead. The graph's outputs keep their names.
  package var redirections: [String: String]

  package init(
    label: String, replacements: [String: [Node]] = [:], weights: [String: Weight] = [:],
    redirections: [String: String] = [:]
  ) {
    self.label = label
    self.replacements = replacements
    self.weights = weights
    self.redirections = redirections
  }

  package var isEmpty: Bool { replacements.isEmpty && weights.isEmpty && redirections.isEmpty }
}

extension Graph {
  /// A new graph with the patch applied and weights that nothing reads any more dropped.
  /// - Parameters:
  ///   - patch: made for this graph.
  ///   - keepsUnread: whether weights that nothing reads stay, as they may while more patches follow.
  /// - Throws: `GraphError.patchMissesNode` where the patch names a node that is not there.
  package func applying(_ patch: GraphPatch, keepsUnread: Bool = false) throws -> Graph {
    if patch.isEmpty { return self }
    var result = self
    if !patch.replacements.isEmpty {
      var found = 0
      result.nodes = []
      result.nodes.reserveCapacity(nodes.count)
      for node in nodes {
        if let replacement = patch.replacements[node.name] {
          found += 1
          result.nodes += replacement
        } else {
          result.nodes.append(node)
        }
      }
      if found < patch.replacements.count {
        let names = Set(nodes.map(\.name))
        if let name = patch.replacements.keys.filter({ !names.contains($0) }).min() {
          throw GraphError.patchMissesNode(label: patch.label, node: name)
        }
      }
    }
    result.initializers.merge(patch.weights) { _, new in new }
    if !patch.redirections.isEmpty { result = result.renamingReads(resolved(patch.redirections)) }
    return keepsUnread ? result : result.droppingUnreadWeights()
  }

  /// Each name with where the chain of redirections that starts at it ends.
  private func resolved(_ names: [String: String]) -> [String: String] {
    names.mapValues { first in
      var name = first
      // A circle of names is a mistake that the invariants tell; it must not hold up this loop.
      for _ in names.indices {
        guard let next = names[name] else { break }
        name = next
      }
      return name
    }
  }

  /// The graph whose nodes, nested ones included, read other names.
  private func renamingReads(_ names: [String: String]) -> Graph {
    var graph = self
    for index in graph.nodes.indices {
      if graph.nodes[index].inputs.contains(where: { names[$0] != nil }) {
        graph.nodes[index].inputs = graph.nodes[index].inputs.map { names[$0] ?? $0 }
      }
      if !graph.nodes[index].attributes.isEmpty {
        graph.nodes[index].mapBodies { $0.renamingReads(names) }
      }
    }
    return graph
  }

  /// The graph without initializers that no node and no output reads.
  package func droppingUnreadWeights() -> Graph {
    var read = Set(outputs.map(\.name))
    for node in nodes { node.addReads(to: &read) }
    var result = self
    result.initializers = initializers.filter { read.contains($0.key) }
    return result
  }
}
