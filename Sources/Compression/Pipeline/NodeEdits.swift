import GraphIR

/// Changes of a graph's nodes that are gathered before they become a patch's replacements.
struct NodeEdits {
  private var nodes: [String: Node]
  private var changed: [String: [Node]] = [:]

  init(_ graph: Graph) {
    nodes = Dictionary(graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  subscript(name: String) -> Node? { nodes[name] }

  /// Changes a node; `followers` come behind it.
  mutating func edit(_ name: String, _ change: (inout Node) -> [Node]) {
    guard var node = nodes[name] else { return }
    let followers = change(&node)
    nodes[name] = node
    changed[name] = [node] + (changed[name]?.dropFirst() ?? []) + followers
  }

  var replacements: [String: [Node]] { changed }
}
