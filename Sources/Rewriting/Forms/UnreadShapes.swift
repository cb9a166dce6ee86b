import GraphIR

/// Drops nodes that read shapes for nobody, as PyTorch's function bodies have them: what they read must not look as if it
/// were read in another way.
struct UnreadShapes: GraphPass {
  let label = "unread shapes"
  let repeats = true

  func run(_ builder: inout GraphBuilder) throws {
    let readers = builder.graph.consumers
    for node in builder.graph.nodes {
      guard builder.registry[node.kind]?.traits(of: node.kind).promises.contains(.typeOnly) == true,
        node.outputs.allSatisfy({ readers[$0] == nil && !builder.pinned.contains($0) })
      else { continue }
      builder.remove(node.name)
    }
  }
}
