import GraphIR

/// Looks from node to node for groups that one node can stand for.
package struct NodePattern: Sendable {
  package let base: TypedGraph
  package let producers: [String: Int]
  package let consumers: [String: [Int]]

  package init(_ base: TypedGraph) {
    self.base = base
    producers = base.graph.producers
    consumers = base.graph.consumers
  }

  package func node(_ index: Int) -> Node { base.graph.nodes[index] }

  package func producer(_ name: String?, _ kinds: Set<OperatorKind>) -> Int? {
    guard let name, let index = producers[name], kinds.contains(node(index).kind) else { return nil }
    return index
  }

  /// The node of one of `kinds` that alone reads the only output of node `index`, which nobody else must see.
  package func onlyReader(_ index: Int, _ kinds: Set<OperatorKind>) -> Int? {
    guard let name = soleOutput(index), !base.pinned.contains(name), let readers = consumers[name],
      readers.count == 1, kinds.contains(node(readers[0]).kind)
    else { return nil }
    return readers[0]
  }

  /// Whether all that read a value are among `nodes`, and nobody else must see it.
  package func isRead(_ name: String, onlyBy nodes: Set<Int>) -> Bool {
    !base.pinned.contains(name) && (consumers[name] ?? []).allSatisfy(nodes.contains)
  }

  /// The nodes that read a value, in order.
  package func readers(of name: String) -> [Int] { consumers[name] ?? [] }

  package func soleOutput(_ index: Int) -> String? {
    let names = node(index).outputs.filter { !$0.isEmpty }
    return names.count == 1 ? names[0] : nil
  }

  /// A two-operand node's other operand.
  package func other(_ index: Int, than name: String) -> String? {
    let inputs = node(index).inputs
    guard inputs.count == 2, inputs[0] != inputs[1] else { return nil }
    return inputs[0] == name ? inputs[1] : inputs[1] == name ? inputs[0] : nil
  }

  /// Whether node `index` combines `name` with the constant `value`, in either order.
  package func takes(_ index: Int, _ name: String, with value: Float, tolerance: Float = 1e-4) -> Bool {
    guard let scalar = base.scalar(other(index, than: name)) else { return false }
    return abs(scalar - value) <= tolerance * abs(value)
  }
}
