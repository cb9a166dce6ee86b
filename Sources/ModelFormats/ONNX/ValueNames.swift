import GraphIR

/// Names that are free for new values and nodes, unique over a graph and those nested in it.
struct ValueNames {
  private var taken: Set<String> = []

  init(_ graph: Graph) { add(graph) }

  mutating func fresh(_ base: String) -> String {
    var name = base
    var counter = 2
    while !taken.insert(name).inserted {
      name = "\(base)_\(counter)"
      counter += 1
    }
    return name
  }

  private mutating func add(_ graph: Graph) {
    taken.formUnion(graph.inputs.map(\.name))
    taken.formUnion(graph.initializers.keys)
    for node in graph.nodes {
      taken.insert(node.name)
      taken.formUnion(node.inputs)
      taken.formUnion(node.outputs)
      for case .graph(let body) in node.attributes.values { add(body) }
    }
  }
}
