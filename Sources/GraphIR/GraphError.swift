/// What can be wrong with a graph's structure.
package enum GraphError: Error, Equatable, CustomStringConvertible {
  case cycle(nodes: [String])
  case undefinedValue(name: String, node: String)
  case duplicateValue(name: String, node: String)
  case patchMissesNode(label: String, node: String)

  package var description: String {
    switch self {
    case .cycle(let nodes):
      "the graph is cyclic: \(nodes.prefix(4).joined(separator: ", ")) wait for each other; export the model again"
    case .undefinedValue(let name, let node):
      "node \(node) reads \"\(name)\", which nothing produces; the file is incomplete, export the model again"
    case .duplicateValue(let name, let node):
      "node \(node) produces \"\(name)\", which already exists; each value may be produced once"
    case .patchMissesNode(let label, let node):
      "the patch \"\(label)\" names node \(node), which the graph does not have"
    }
  }
}
