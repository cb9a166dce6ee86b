import GraphIR
import Operators

/// Names for layers whose nodes' names say nothing, such as `node_linear_3`, `/MatMul_12` or `n_34` of exporters: after
/// the weight (`layers.0.self_attn.o_proj.weight`), or the module that the exporter says the node comes from.
///
/// Read before the first rewrite: what is folded into a weight takes its name along.
enum LayerNames {
  static func given(_ graph: Graph) -> Graph {
    var names = NameTable(taken: nodeNames(graph))
    var weights: Set<String> = []
    return named(graph, constants: graph.initializers, &names, &weights)
  }

  private static func nodeNames(_ graph: Graph) -> [String] {
    graph.nodes.flatMap { node in [node.name] + node.bodies.flatMap(nodeNames) }
  }

  /// - Parameter given: weights that a layer was called after.
  private static func named(
    _ graph: Graph, constants: [String: Weight], _ names: inout NameTable, _ given: inout Set<String>
  ) -> Graph {
    var graph = graph
    let sources = ConstantSources(constants: constants, graph: graph)
    for index in graph.nodes.indices {
      let node = graph.nodes[index]
      if isLayer(node), NodeName.saysNothing(node.name), let weight = sources.weight(of: node) {
        let module = NodeName.module(node.metadata)
        let own = NodeName.layer(ofWeight: weight)
        // Who reads a weight that another layer is called after is better told by where it stands.
        let isFirst = given.insert(weight).inserted
        if let name = isFirst ? own ?? module : module ?? own {
          graph.nodes[index].name = names.fresh(name)
          graph.nodes[index].formerName = node.name
        }
      }
      guard !node.bodies.isEmpty else { continue }
      graph.nodes[index].mapBodies { body in
        named(body, constants: constants.merging(body.initializers) { $1 }, &names, &given)
      }
    }
    return graph
  }

  /// Whether it weighs or looks up what it reads.
  private static func isLayer(_ node: Node) -> Bool {
    guard let traits = OperatorRegistry.standard[node.kind]?.traits(of: node.kind) else { return false }
    if case .zero = traits.cost.multiplyAdds { return traits.promises.contains(.looksUp) }
    return true
  }
}

/// Which stored weight a value is, whatever views and casts stand between.
private struct ConstantSources {
  let constants: [String: Weight]
  let nodes: [Node]
  let producers: [String: Int]

  init(constants: [String: Weight], graph: Graph) {
    self.constants = constants
    nodes = graph.nodes
    producers = graph.producers
  }

  /// The first matrix among the inputs.
  func weight(of node: Node) -> String? {
    node.inputs.lazy.compactMap(source).first { (constants[$0]?.shape.rank ?? 0) >= 2 }
  }

  private func source(of value: String) -> String? {
    var value = value
    // A chain is as long as the graph at most.
    for _ in 0...nodes.count {
      if constants[value] != nil { return value }
      guard let index = producers[value], case let node = nodes[index], let input = node.input(0),
        node.inputs.dropFirst().allSatisfy({ $0.isEmpty || constants[$0] != nil })
      else { return nil }
      value = input
    }
    return nil
  }
}
