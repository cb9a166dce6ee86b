import GraphIR
import TensorCore

extension ChannelRule {
  /// The axis of channels moves.
  static let transpose = ChannelRule("Transpose") { node, analyzer in
    guard let input = node.input(0), var axis = analyzer[input], let output = node.outputs.first,
      let rank = analyzer.shape(input)?.rank
    else { return }
    let order = node.ints("perm") ?? (0..<rank).reversed()
    guard let place = order.firstIndex(of: axis.axis) else { return analyzer.stop(node) }
    axis.axis = place
    analyzer.set(axis, of: output)
  }
}
