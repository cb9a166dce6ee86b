import GraphIR
import TensorCore

extension ChannelRule {
  /// Along other axes than that of the channels.
  static let slice = ChannelRule("Slice") { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let shape = analyzer.shape(input),
      let output = node.outputs.first
    else { return analyzer.stop(node) }
    let given = node.ints("axes") ?? node.input(3).flatMap { analyzer.known.constants[$0]?.integers } ?? []
    let axes = given.compactMap(shape.normalized(axis:))
    guard !axes.isEmpty, axes.count == given.count, !axes.contains(axis.axis) else {
      return analyzer.stop(node)
    }
    analyzer.set(axis, of: output)
  }
}
