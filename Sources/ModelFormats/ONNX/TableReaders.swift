import GraphIR

/// Who looks rows up in each constant of a graph, and whether somebody reads it otherwise.
struct TableReaders {
  private var gathers: [String: [Node]] = [:]
  private var others: Set<String>

  init(_ graph: Graph) {
    others = Set(graph.outputs.map(\.name))
    for node in graph.nodes {
      let looksUp =
        node.kind == "Gather" && [0, -2].contains(node.int("axis") ?? 0)
        && node.input(0).flatMap { graph.initializers[$0]?.shape.rank == 2 ? $0 : nil } != nil
        && node.input(1).map { graph.initializers[$0] == nil } == true
      if looksUp { gathers[node.inputs[0], default: []].append(node) }
      others.formUnion(node.inputs.dropFirst(looksUp ? 1 : 0))
      for body in node.bodies { others.formUnion(body.outerReads) }
    }
  }

  /// In the order of the graph.
  func gathers(of constant: String) -> [Node] { gathers[constant] ?? [] }

  func isLookedUpOnly(_ constant: String) -> Bool { !others.contains(constant) }
}
