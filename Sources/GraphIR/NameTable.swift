/// The names that a graph and those nested in it use for values and nodes, so that new ones do not collide.
///
/// This is the one way to name what a pass, a reader or a writer adds: `fresh("layer/bias")`. What is new keeps the name
/// asked for; where that is taken it gets a number, as exporters give them: "layer/bias_2", "layer/bias_3" and so on.
package struct NameTable: Sendable {
  private var taken: Set<String> = []
  /// The first number not yet tried behind a name that was taken.
  private var numbers: [String: Int] = [:]

  /// Names that are taken from the start; the empty one, which stands for an omitted value, always is.
  package init(taken names: some Sequence<String> = []) {
    taken = [""]
    take(names)
  }

  package init(_ graph: Graph) {
    self.init()
    take(graph)
  }

  /// The name itself, or with the first number from 2 on that makes it new. It is taken from now on.
  package mutating func fresh(_ name: String) -> String {
    if taken.insert(name).inserted { return name }
    var number = numbers[name, default: 2]
    while !taken.insert("\(name)_\(number)").inserted { number += 1 }
    numbers[name] = number + 1
    return "\(name)_\(number)"
  }

  /// Takes names that something besides the graph uses.
  package mutating func take(_ names: some Sequence<String>) { taken.formUnion(names) }

  private mutating func take(_ graph: Graph) {
    take(graph.inputs.lazy.map(\.name))
    take(graph.initializers.keys)
    for node in graph.nodes {
      taken.insert(node.name)
      take(node.inputs)
      take(node.outputs)
      for body in node.bodies { take(body) }
    }
  }
}
