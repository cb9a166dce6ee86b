import GraphIR
import Rewriting

/// What a gradient differentiates: the nodes from some values to y, in order.
struct GradientFunction {
  let nodes: [Node]
  /// The name of y there, which is one of the values themselves where y is one of them.
  let y: String

  /// The nodes from `names` to `y` where the values at `names` are those at `fed`: on other values they are run anew.
  /// - Parameter ready: the graph's nodes, in topological order.
  init(
    of y: String, from names: [String], fedBy fed: [String], _ ready: [Node], _ builder: inout GraphBuilder
  ) throws {
    let stops = Set(names)
    var wanted: Set<String> = stops.contains(y) ? [] : [y]
    var nodes: [Node] = []
    for node in ready.reversed() where !wanted.isDisjoint(with: node.outputs) {
      nodes.append(node)
      wanted.formUnion(node.reads.subtracting(stops))
    }
    nodes.reverse()
    guard names != fed else {
      (self.nodes, self.y) = (nodes, y)
      return
    }
    var renamed = Dictionary(zip(names, fed)) { first, _ in first }
    var copies: [Node] = []
    for node in nodes {
      // Those apart from the values stay as they are.
      guard !node.reads.isDisjoint(with: renamed.keys) else { continue }
      let inputs = node.inputs.map { renamed[$0] ?? $0 }
      let outputs = try builder.add(node.kind, inputs, node.attributes, outputs: node.outputs.count)
      for (old, new) in zip(node.outputs, outputs) where !old.isEmpty { renamed[old] = new }
      if let copy = builder.added.last { copies.append(copy) }
    }
    (self.nodes, self.y) = (copies, renamed[y] ?? y)
  }
}
