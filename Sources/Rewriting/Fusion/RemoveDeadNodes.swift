import GraphIR

/// Drops nodes whose results nothing reads.
struct RemoveDeadNodes: GraphPass {
  let label = "remove dead nodes"

  func run(_ builder: inout GraphBuilder) throws {
    var live = builder.pinned
    for node in builder.graph.nodes.reversed() {
      if node.outputs.contains(where: live.contains) {
        node.addReads(to: &live)
      } else {
        builder.remove(node.name)
      }
    }
  }
}
