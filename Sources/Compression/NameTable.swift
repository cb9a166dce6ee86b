import GraphIR

/// The names a graph uses for values and nodes, so that new ones do not collide.
struct NameTable {
  private var used: Set<String>

  init(_ graph: Graph) {
    used = Set(graph.initializers.keys)
    used.formUnion(graph.inputs.map(\.name))
    for node in graph.nodes {
      used.insert(node.name)
      used.formUnion(node.outputs)
    }
  }

  /// The name itself, or with the first number that makes it new.
  mutating func fresh(_ name: String) -> String {
    var candidate = name
    var number = 2
    while !used.insert(candidate).inserted {
      candidate = "\(name)/\(number)"
      number += 1
    }
    return candidate
  }
}
