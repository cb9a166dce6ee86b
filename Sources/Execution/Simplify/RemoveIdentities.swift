import GraphIR

/// Drops nodes that return their input as it is: Identity, Dropout (which only acts in training) and Cast to the same type.
struct RemoveIdentities: SimplificationPass {
  func apply(to editor: inout GraphEditor) throws {
    let producers = editor.graph.producers
    var aliases: [String: String] = [:]
    var renamed: [String: String] = [:]
    var removed: Set<Int> = []
    for (index, node) in editor.graph.nodes.enumerated() where isIdentity(node, in: editor) {
      guard let input = node.input(0), let output = node.outputs.first else { continue }
      if !editor.pinned.contains(output) {
        aliases[output] = aliases[input] ?? input
        removed.insert(index)
        continue
      }
      // The producer writes under the pinned name at once, unless its own result must keep its name.
      let source = aliases[input] ?? input
      if producers[source] != nil, !editor.pinned.contains(source), renamed[source] == nil,
        editor.types[source] == editor.types[output]
      {
        renamed[source] = output
        removed.insert(index)
      }
    }
    for (source, output) in renamed {
      guard let producer = producers[source] else { continue }
      editor.graph.nodes[producer].outputs = editor.graph.nodes[producer].outputs.map {
        $0 == source ? output : $0
      }
    }
    editor.redirect(aliases.merging(renamed) { _, new in new }, removing: removed)
  }

  private func isIdentity(_ node: Node, in editor: GraphEditor) -> Bool {
    guard let input = node.input(0), let output = node.outputs.first, !output.isEmpty else { return false }
    switch node.kind {
    case "Identity": return true
    case "Cast": return editor.types[input] != nil && editor.types[input] == editor.types[output]
    case "Dropout":
      let masked = node.outputs.dropFirst().contains { !$0.isEmpty }
      guard !masked else { return false }
      guard let training = node.input(2) else { return true }
      return editor.scalar(training) == 0
    default: return false
    }
  }
}
