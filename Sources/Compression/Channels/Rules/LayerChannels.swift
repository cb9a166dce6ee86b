import GraphIR

/// What layers of all kinds do: where channels are made and used up.
enum LayerChannels {
  /// The layer of a node whose weight is its own; otherwise everything around it stays.
  static func free(_ node: Node, _ analyzer: inout ChannelAnalyzer) -> Layer? {
    guard let layer = analyzer.catalog[node.name] else {
      analyzer.stop(
        node, because: "feeds a \(node.kind) of two computed values; its channels cannot be removed alone")
      return nil
    }
    let obstacle =
      layer.obstacle ?? layer.restriction.map { "is \($0)" }
      ?? layer.sharedWith.first.map { "shares its weight with \($0)" }
    guard let obstacle else { return layer }
    analyzer.result.obstacles[layer.name] = obstacle
    analyzer.freeze(layer.input, "feeds \(layer.name), which \(obstacle)")
    return nil
  }

  /// - Parameter isWhole: whether the outputs are one space even where they are cut into parts.
  static func produce(
    _ layer: Layer, _ node: Node, axis: Int, isWhole: Bool = false, _ analyzer: inout ChannelAnalyzer
  ) {
    let parts = isWhole ? 1 : EqualParts.count(of: layer.output, axis: axis, analyzer)
    let channels = (0..<parts).flatMap { _ in
      analyzer.result.makeSpace(count: layer.outputs / parts, producers: [layer.name])
    }
    analyzer.result.outputsOfLayer[layer.name] = channels
    analyzer.slice(layer.weightName, of: node, axis: layer.outputAxis, channels)
    if layer.form != .matMul { sliceBias(layer, node, channels, &analyzer) }
    analyzer.set(ChannelAnalysis.Axis(axis: axis, channels: channels), of: layer.output)
  }

  /// A bias that is one number for all outputs, or [1, N] or [M, N] in a Gemm, broadcasts.
  static func sliceBias(
    _ layer: Layer, _ node: Node, _ channels: [ChannelAnalysis.Channel], _ analyzer: inout ChannelAnalyzer
  ) {
    guard let bias = node.input(2) else { return }
    guard let shape = analyzer.graph.initializers[bias]?.shape else {
      return analyzer.result.freeze(channels, "has a bias that is computed")
    }
    guard let last = shape.dimensions.last, last > 1 else { return }
    analyzer.slice(bias, of: node, axis: shape.rank - 1, channels)
  }
}
