/// What can be wrong with a graph's structure.
package enum GraphError: Error, Equatable, CustomStringConvertible {
  case cycle(nodes: [String])
  case undefinedValue(name: String, node: String)
  case duplicateValue(name: String, node: String)
  case duplicateNode(name: String)
  case readBeforeMade(name: String, reader: String, maker: String)
  case untypedValue(name: String, node: String)
  case patchMissesNode(label: String, node: String)
  /// An axis of samples was asked for that is not there: of an input with fewer axes, or of none of the inputs.
  case sampleAxis(input: String, rank: Int?, choices: [String])

  package var description: String {
    switch self {
    case .cycle(let nodes):
      "the graph is cyclic: \(nodes.prefix(4).joined(separator: ", ")) wait for each other; export the model again"
    case .undefinedValue(let name, let node):
      "node \(node) reads \"\(name)\", which nothing produces; the file is incomplete, export the model again"
    case .duplicateValue(let name, let node):
      "node \(node) produces \"\(name)\", which already exists; each value may be produced once"
    case .duplicateNode(let name):
      "two nodes are called \(name); each node has a name of its own"
    case .readBeforeMade(let name, let reader, let maker):
      "node \(reader) reads \"\(name)\" before node \(maker) makes it; nodes stand behind those they read from"
    case .untypedValue(let name, let node):
      "the type of \"\(name)\", which node \(node) makes, is not known"
    case .patchMissesNode(let label, let node):
      "the patch \"\(label)\" names node \(node), which the graph does not have"
    case .sampleAxis(let input, let rank?, _):
      "the model's input \"\(input)\" has \(rank) axes, counted from 0; give another with --batch-axis \(input)=AXIS, or "
        + "\(input)=none where it holds for all samples"
    case .sampleAxis(let input, nil, let choices):
      "the model has no input \"\(input)\" for --batch-axis; its inputs are \(choices.joined(separator: ", "))"
    }
  }
}
