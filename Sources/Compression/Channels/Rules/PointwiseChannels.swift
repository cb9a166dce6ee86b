import GraphIR
import Operators
import TensorCore

/// Operands of an operator that works place by place: aligned at their last axes, channels at the same place united,
/// constants along the channels shrunk.
enum PointwiseChannels {
  static func pass(
    _ node: Node, _ site: OperatorSite, _ form: PointwiseForm, _ analyzer: inout ChannelAnalyzer
  ) {
    guard form.holds(at: site), let output = node.outputs.first, let shape = analyzer.shape(output) else {
      return analyzer.stop(node)
    }
    var through: ChannelAnalysis.Axis?
    let operands = node.inputs.indices.filter { form.reads($0) && !node.inputs[$0].isEmpty }
      .map { node.inputs[$0] }
    for input in node.inputs where !operands.contains(input) {
      analyzer.freeze(input, "feeds \(node.name), which reads it whole")
    }
    for input in operands {
      guard var axis = analyzer[input], let rank = analyzer.shape(input)?.rank else { continue }
      axis.axis += shape.rank - rank
      guard shape.dimensions.indices.contains(axis.axis),
        axis.channels.count == shape[axis.axis]
      else {
        analyzer.freeze(input, "feeds \(node.name), which repeats it along its channels")
        continue
      }
      if let first = through {
        if first.axis != axis.axis || !analyzer.result.unite(first.channels, axis.channels) {
          return analyzer.stop(node, because: "is combined by \(node.name) with channels that do not match")
        }
      } else {
        through = axis
      }
    }
    guard let through else { return }
    for input in operands where analyzer[input] == nil {
      guard let other = analyzer.shape(input) else { continue }
      let place = through.axis - (shape.rank - other.rank)
      guard other.dimensions.indices.contains(place), other[place] > 1 else { continue }
      if analyzer.graph.initializers[input] != nil {
        analyzer.slice(input, of: node, axis: place, through.channels)
      } else {
        analyzer.stop(node, because: "is combined by \(node.name) with a value that no layer makes")
      }
    }
    analyzer.set(through, of: output)
    // Dropout's mask and the like.
    for extra in node.outputs.dropFirst() where !extra.isEmpty { analyzer.set(through, of: extra) }
  }
}
