import GraphIR
import Operators
import TensorCore

/// A part of a graph beside which its own input flows on: the sum behind it works as well without it.
struct ResidualBranch: Sendable {
  /// The Add that joins it to what flows past.
  let join: String
  /// The value that flows past the branch.
  let skip: String
  /// The value that the branch adds to it.
  let output: String
  /// Its nodes.
  let nodes: Set<String>
  /// Its layers.
  let layers: [String]

  /// All branches of a graph with layers in them, in graph order; one may hold another.
  /// - Parameter shapes: of the graph's values, for a sum that broadcasts cannot lose a side.
  static func all(in graph: Graph, layers: Set<String>, shapes: [String: Shape]) -> [ResidualBranch] {
    let producers = graph.producers
    let consumers = graph.consumers
    let outputs = Set(graph.outputs.map(\.name))
    let tracer = Tracer(graph: graph, producers: producers, consumers: consumers, outputs: outputs)
    return graph.nodes.flatMap { node -> [ResidualBranch] in
      guard node.kind == "Add", node.inputs.count == 2,
        node.inputs.allSatisfy({ graph.initializers[$0] == nil && shapes[$0] != nil }),
        shapes[node.inputs[0]] == shapes[node.inputs[1]]
      else { return [] }
      return [(0, 1), (1, 0)].compactMap { skip, branch -> ResidualBranch? in
        guard let nodes = tracer.branch(to: node.inputs[branch], from: node.inputs[skip], join: node.name)
        else { return nil }
        let within = graph.nodes.map(\.name).filter { nodes.contains($0) && layers.contains($0) }
        guard !within.isEmpty else { return nil }
        return ResidualBranch(
          join: node.name, skip: node.inputs[skip], output: node.inputs[branch], nodes: nodes, layers: within)
      }
    }
  }

  private struct Tracer {
    let graph: Graph
    let producers: [String: Int]
    let consumers: [String: [Int]]
    let outputs: Set<String>

    /// The nodes between two values; nil where the branch reads or feeds anything else.
    func branch(to value: String, from start: String, join: String) -> Set<String>? {
      var found: Set<Int> = []
      var open = [value]
      while let next = open.popLast() {
        if next == start || next.isEmpty || graph.initializers[next] != nil { continue }
        guard let index = producers[next] else { return nil }
        guard found.insert(index).inserted else { continue }
        open += graph.nodes[index].reads
      }
      guard let first = producers[start] ?? (graph.inputs.contains { $0.name == start } ? -1 : nil),
        !found.isEmpty, !found.contains(first),
        found.contains(where: { graph.nodes[$0].inputs.contains(start) })
      else { return nil }
      let names = Set(found.map { graph.nodes[$0].name })
      for index in found {
        for output in graph.nodes[index].outputs where !output.isEmpty {
          guard !outputs.contains(output) else { return nil }
          for reader in consumers[output] ?? [] {
            let name = graph.nodes[reader].name
            guard names.contains(name) || (name == join && output == value) else { return nil }
          }
        }
      }
      return names
    }
  }
}
