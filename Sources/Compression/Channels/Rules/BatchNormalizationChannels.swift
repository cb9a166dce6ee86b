import GraphIR

extension ChannelRule {
  /// Parameters for each channel go with it.
  static let batchNormalization = ChannelRule("BatchNormalization") { node, analyzer in
    if let input = node.input(0), let axis = analyzer[input], let scale = node.input(1) {
      analyzer.result.scales.append(ChannelAnalysis.Scale(constant: scale, channels: axis.channels))
    }
    NormalizationChannels.sliced(node, parameters: 1..<5, &analyzer)
  }

  /// The same; statistics are taken for each channel alone.
  static let instanceNormalization = ChannelRule("InstanceNormalization") { node, analyzer in
    NormalizationChannels.sliced(node, parameters: 1..<3, &analyzer)
  }
}

private enum NormalizationChannels {
  static func sliced(_ node: Node, parameters: Range<Int>, _ analyzer: inout ChannelAnalyzer) {
    guard let input = node.input(0), let axis = analyzer[input], let output = node.outputs.first else {
      return
    }
    guard axis.axis == 1, node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
      return analyzer.stop(node)
    }
    for index in parameters {
      guard let name = node.input(index) else { continue }
      analyzer.slice(name, of: node, axis: 0, axis.channels)
    }
    analyzer.set(axis, of: output)
  }
}
