import GraphIR

extension ChannelRule {
  /// Neurons make channels, along the second axis.
  static let gemm = ChannelRule("Gemm") { node, analyzer in
    guard let layer = LayerChannels.free(node, &analyzer) else { return }
    if let bias = node.input(2) { analyzer.freeze(bias, "is the bias of \(node.name)") }
    if let input = analyzer[layer.input] {
      if input.axis == 1, (node.int("transA") ?? 0) == 0 {
        analyzer.slice(layer.weightName, of: node, axis: 1 - layer.outputAxis, input.channels)
        analyzer.read(layer.input, by: layer.name)
      } else {
        analyzer.stop(node)
      }
    }
    LayerChannels.produce(layer, node, axis: 1, &analyzer)
  }
}
