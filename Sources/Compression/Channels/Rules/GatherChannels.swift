import GraphIR
import TensorCore

extension ChannelRule {
  /// Along another axis than that of the channels.
  static let gather = ChannelRule("Gather") { node, analyzer in
    guard let input = node.input(0), var axis = analyzer[input], let shape = analyzer.shape(input),
      let output = node.outputs.first
    else { return analyzer.stop(node) }
    guard let indices = node.input(1), analyzer[indices] == nil, let rank = analyzer.shape(indices)?.rank,
      let along = shape.normalized(axis: node.int("axis") ?? 0), along != axis.axis
    else { return analyzer.stop(node) }
    if along < axis.axis { axis.axis += rank - 1 }
    analyzer.set(axis, of: output)
  }
}
