import GraphIR

/// Drops nodes whose results nothing reads, and weights that nothing reads any more.
struct RemoveDeadNodes: SimplificationPass {
  func apply(to editor: inout GraphEditor) throws {
    var live = editor.pinned
    var kept: [Node] = []
    for node in editor.graph.nodes.reversed() where node.outputs.contains(where: live.contains) {
      live.formUnion(node.inputs)
      kept.append(node)
    }
    editor.graph.nodes = kept.reversed()
    let pinnedWeights = editor.graph.initializers.filter { live.contains($0.key) }
    editor.graph.initializers = pinnedWeights
  }
}
