import GraphIR

/// Looks from node to node for groups that one node can stand for.
struct NodePattern {
  let editor: GraphEditor
  private let producers: [String: Int]
  private let consumers: [String: [Int]]

  init(_ editor: GraphEditor) {
    self.editor = editor
    producers = editor.graph.producers
    consumers = editor.graph.consumers
  }

  func node(_ index: Int) -> Node { editor.graph.nodes[index] }

  func producer(_ name: String?, _ kinds: Set<OperatorKind>) -> Int? {
    guard let name, let index = producers[name], kinds.contains(node(index).kind) else { return nil }
    return index
  }

  /// The node of one of `kinds` that alone reads the only output of node `index`, which nobody else must see.
  func onlyReader(_ index: Int, _ kinds: Set<OperatorKind>) -> Int? {
    guard let name = soleOutput(index), !editor.pinned.contains(name), let readers = consumers[name],
      readers.count == 1, kinds.contains(node(readers[0]).kind)
    else { return nil }
    return readers[0]
  }

  /// Whether all that read a value are among `nodes`, and nobody else must see it.
  func isRead(_ name: String, onlyBy nodes: Set<Int>) -> Bool {
    !editor.pinned.contains(name) && (consumers[name] ?? []).allSatisfy(nodes.contains)
  }

  func soleOutput(_ index: Int) -> String? {
    let names = node(index).outputs.filter { !$0.isEmpty }
    return names.count == 1 ? names[0] : nil
  }

  /// A two-operand node's other operand.
  func other(_ index: Int, than name: String) -> String? {
    let inputs = node(index).inputs
    guard inputs.count == 2, inputs[0] != inputs[1] else { return nil }
    return inputs[0] == name ? inputs[1] : inputs[1] == name ? inputs[0] : nil
  }

  /// Whether node `index` combines `name` with the constant `value`, in either order.
  func takes(_ index: Int, _ name: String, with value: Float, tolerance: Float = 1e-4) -> Bool {
    guard let scalar = editor.scalar(other(index, than: name)) else { return false }
    return abs(scalar - value) <= tolerance * abs(value)
  }
}
