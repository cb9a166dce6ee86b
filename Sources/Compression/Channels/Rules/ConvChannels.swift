import GraphIR
import TensorCore

extension ChannelRule {
  /// Filters make channels, along the second axis; groups of them go with the channels that they read.
  static let conv = ChannelRule("Conv", ConvChannels.pass)
}

private enum ConvChannels {
  static let pass: ChannelRule.Pass = { node, analyzer in
    guard let layer = LayerChannels.free(node, &analyzer) else { return }
    let input = analyzer[layer.input]
    if let input, input.axis != 1 { return analyzer.stop(node) }
    guard layer.groups > 1 else {
      if let input {
        analyzer.slice(layer.weightName, of: node, axis: 1, input.channels)
        analyzer.read(layer.input, by: layer.name)
      }
      return LayerChannels.produce(layer, node, axis: 1, &analyzer)
    }
    guard layer.shape[1] == 1, layer.outputs % layer.groups == 0 else {
      return grouped(layer, node, input, &analyzer)
    }
    depthwise(layer, node, input, &analyzer)
  }

  /// A group's filters see only the channels of their group: the channels before and behind go group by group.
  private static func grouped(
    _ layer: Layer, _ node: Node, _ input: ChannelAnalysis.Axis?, _ analyzer: inout ChannelAnalyzer
  ) {
    guard let input else {
      analyzer.result.obstacles[layer.name] =
        "a grouped convolution: its groups go with its input's channels, which no layer makes"
      return
    }
    guard let groups = analyzer.result.coarsen(input.channels, to: layer.groups) else {
      analyzer.result.obstacles[layer.name] =
        "a grouped convolution: its groups do not match the channels that it reads"
      return analyzer.freeze(
        layer.input, "feeds a grouped convolution whose groups do not match its channels")
    }
    LayerChannels.produce(layer, node, axis: 1, isWhole: true, &analyzer)
    guard let output = analyzer.result.outputsOfLayer[layer.name],
      let own = analyzer.result.coarsen(output, to: layer.groups), analyzer.result.unite(groups, own)
    else { return analyzer.freeze(layer.input, "feeds a grouped convolution whose groups do not match") }
    analyzer.result.counters[node.name] = ChannelAnalysis.Counter(attributes: ["group"], channels: groups)
  }

  /// Each channel has filters of its own, which go with it.
  private static func depthwise(
    _ layer: Layer, _ node: Node, _ input: ChannelAnalysis.Axis?, _ analyzer: inout ChannelAnalyzer
  ) {
    guard let input else {
      analyzer.result.obstacles[layer.name] =
        "a depthwise convolution: its filters go with its input's channels, which no layer makes"
      return
    }
    let channels = input.channels.repeated(each: layer.outputs / layer.groups)
    analyzer.slice(layer.weightName, of: node, axis: 0, channels)
    LayerChannels.sliceBias(layer, node, channels, &analyzer)
    analyzer.result.counters[node.name] = ChannelAnalysis.Counter(
      attributes: ["group"], channels: input.channels)
    analyzer.result.followers[layer.name] = input.channels
    analyzer.set(ChannelAnalysis.Axis(axis: 1, channels: channels), of: layer.output)
  }
}
