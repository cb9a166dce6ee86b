import GraphIR

/// Moves the constants of nested graphs to the model's own, where they are weights like any other.
struct HoistedConstants: GraphPass {
  let label = "hoist constants"

  func run(_ builder: inout GraphBuilder) throws {
    builder.rewrite { node, builder in
      guard !node.bodies.isEmpty else { return nil }
      var node = node
      node.mapBodies { hoisted($0, [:], &builder) }
      return [node]
    }
  }

  /// - Parameter renamed: constants of the graphs around it that got another name.
  private func hoisted(_ graph: Graph, _ renamed: [String: String], _ builder: inout GraphBuilder) -> Graph {
    var graph = graph
    var renamed = renamed
    for (name, weight) in graph.initializers.sorted(by: { $0.key < $1.key }) {
      renamed[name] = builder.add(weight, name)
    }
    graph.initializers = [:]
    for index in graph.nodes.indices {
      graph.nodes[index].inputs = graph.nodes[index].inputs.map { renamed[$0] ?? $0 }
      graph.nodes[index].mapBodies { hoisted($0, renamed, &builder) }
    }
    // A branch that gives a constant keeps its output's name.
    for output in graph.outputs {
      guard let source = renamed[output.name],
        !graph.nodes.contains(where: { $0.outputs.contains(output.name) })
      else { continue }
      graph.nodes.append(
        Node(
          name: builder.fresh("\(output.name)/copy"), kind: "Identity", inputs: [source],
          outputs: [output.name]))
    }
    return graph
  }
}
