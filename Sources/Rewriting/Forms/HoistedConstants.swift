import GraphIR

/// Moves the constants of nested graphs to the model's own, where they are weights like any other.
struct HoistedConstants: LayerFormRule {
  func apply(to editor: inout FormEditor) throws {
    editor.rewrite { node, editor in
      guard node.attributes.values.contains(where: { if case .graph = $0 { true } else { false } }) else {
        return nil
      }
      var node = node
      for (key, attribute) in node.attributes {
        if case .graph(let body) = attribute { node.attributes[key] = .graph(hoisted(body, [:], &editor)) }
      }
      return [node]
    }
  }

  /// - Parameter renamed: constants of the graphs around it that got another name.
  private func hoisted(_ graph: Graph, _ renamed: [String: String], _ editor: inout FormEditor) -> Graph {
    var graph = graph
    var renamed = renamed
    for (name, weight) in graph.initializers.sorted(by: { $0.key < $1.key }) {
      renamed[name] = editor.add(weight, name)
    }
    graph.initializers = [:]
    for index in graph.nodes.indices {
      graph.nodes[index].inputs = graph.nodes[index].inputs.map { renamed[$0] ?? $0 }
      for (key, attribute) in graph.nodes[index].attributes {
        guard case .graph(let body) = attribute else { continue }
        graph.nodes[index].attributes[key] = .graph(hoisted(body, renamed, &editor))
      }
    }
    // A branch that gives a constant keeps its output's name.
    for output in graph.outputs {
      guard let source = renamed[output.name],
        !graph.nodes.contains(where: { $0.outputs.contains(output.name) })
      else { continue }
      graph.nodes.append(
        Node(
          name: editor.fresh("\(output.name)/copy"), kind: "Identity", inputs: [source],
          outputs: [output.name]))
    }
    return graph
  }
}
