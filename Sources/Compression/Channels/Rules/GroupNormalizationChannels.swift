import GraphIR
import TensorCore

extension ChannelRule {
  /// Each group is normalized by itself: its channels go together. Parameters are per channel, before opset 21 per group.
  static let groupNormalization = ChannelRule("GroupNormalization") { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let output = node.outputs.first else {
      return
    }
    let count = axis.channels.count
    guard axis.axis == 1, let groups = node.int("num_groups"),
      let units = analyzer.result.coarsen(axis.channels, to: groups)
    else { return analyzer.stop(node) }
    for index in 1...2 {
      guard let name = node.input(index) else { continue }
      let perGroup = analyzer.shape(name)?.count == groups && groups != count
      analyzer.slice(name, of: node, axis: 0, perGroup ? units : axis.channels)
    }
    analyzer.result.counters[node.name] = ChannelAnalysis.Counter(
      attributes: ["num_groups"], channels: units)
    analyzer.set(axis, of: output)
  }
}
