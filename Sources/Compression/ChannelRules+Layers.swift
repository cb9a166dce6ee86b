import GraphIR

/// Where channels are made and used up.
enum LayerChannels {
  static let conv: ChannelRules.Rule = { node, analyzer in
    guard let layer = free(node, &analyzer) else { return }
    let input = analyzer[layer.input]
    if let input, input.axis != 1 { return ChannelRules.unknown(node, &analyzer) }
    guard layer.groups > 1 else {
      if let input { analyzer.slice(layer.weightName, of: node, axis: 1, input.segments) }
      return produce(layer, node, axis: 1, &analyzer)
    }
    guard layer.shape[1] == 1, layer.groups > 0, layer.outputs % layer.groups == 0 else {
      analyzer.result.obstacles[layer.name] =
        "a grouped convolution: its filters cannot be removed one by one"
      return analyzer.freeze(
        layer.input, "feeds a grouped convolution; its filters cannot be removed one by one")
    }
    depthwise(layer, node, input, &analyzer)
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
    let multiplier = layer.outputs / layer.groups
    let segments = input.segments.map {
      ChannelAnalysis.Segment(space: $0.space, block: $0.block * multiplier)
    }
    analyzer.slice(layer.weightName, of: node, axis: 0, segments)
    sliceBias(layer, node, segments, &analyzer)
    analyzer.result.groups[node.name] = input.segments
    analyzer.result.followers[layer.name] = input.segments
    analyzer.set(ChannelAnalysis.Axis(axis: 1, segments: segments), of: layer.output)
  }

  static let gemm: ChannelRules.Rule = { node, analyzer in
    guard let layer = free(node, &analyzer) else { return }
    if let bias = node.input(2) { analyzer.freeze(bias, "is the bias of \(node.name)") }
    if let input = analyzer[layer.input] {
      if input.axis == 1, (node.int("transA") ?? 0) == 0 {
        analyzer.slice(layer.weightName, of: node, axis: 1 - layer.outputAxis, input.segments)
      } else {
        ChannelRules.unknown(node, &analyzer)
      }
    }
    produce(layer, node, axis: 1, &analyzer)
  }

  static let matMul: ChannelRules.Rule = { node, analyzer in
    guard let layer = free(node, &analyzer) else { return }
    guard let rank = analyzer.shape(layer.output)?.rank, rank > 0 else {
      return ChannelRules.unknown(node, &analyzer)
    }
    if let input = analyzer[layer.input] {
      if input.axis + 1 == analyzer.shape(layer.input)?.rank {
        analyzer.slice(layer.weightName, of: node, axis: 0, input.segments)
      } else {
        ChannelRules.unknown(node, &analyzer)
      }
    }
    produce(layer, node, axis: rank - 1, &analyzer)
  }

  /// The layer of a node whose weight is its own; otherwise everything around it stays.
  private static func free(_ node: Node, _ analyzer: inout ChannelAnalyzer) -> Layer? {
    guard let layer = analyzer.catalog[node.name] else {
      ChannelRules.freezeAll(
        node, "feeds a \(node.kind) of two computed values; its channels cannot be removed alone", &analyzer)
      return nil
    }
    let obstacle = layer.obstacle ?? layer.sharedWith.first.map { "shares its weight with \($0)" }
    guard let obstacle else { return layer }
    analyzer.result.obstacles[layer.name] = obstacle
    analyzer.freeze(layer.input, "feeds \(layer.name), which \(obstacle)")
    return nil
  }

  private static func produce(
    _ layer: Layer, _ node: Node, axis: Int, _ analyzer: inout ChannelAnalyzer
  ) {
    let space = analyzer.result.makeSpace(count: layer.outputs, producer: layer.name)
    let segments = [ChannelAnalysis.Segment(space: space, block: 1)]
    analyzer.result.spaceOfLayer[layer.name] = space
    analyzer.slice(layer.weightName, of: node, axis: layer.outputAxis, segments)
    if layer.form != .matMul { sliceBias(layer, node, segments, &analyzer) }
    analyzer.set(ChannelAnalysis.Axis(axis: axis, segments: segments), of: layer.output)
  }

  /// A bias that is one number for all outputs, or [1, N] or [M, N] in a Gemm, broadcasts.
  private static func sliceBias(
    _ layer: Layer, _ node: Node, _ segments: [ChannelAnalysis.Segment], _ analyzer: inout ChannelAnalyzer
  ) {
    guard let bias = node.input(2) else { return }
    guard let shape = analyzer.graph.initializers[bias]?.shape else {
      return analyzer.result.freeze(segments, "has a bias that is computed")
    }
    guard let last = shape.dimensions.last, last > 1 else { return }
    analyzer.slice(bias, of: node, axis: shape.rank - 1, segments)
  }
}

/// Normalizations with parameters for each channel.
enum NormalizationChannels {
  static let batch: ChannelRules.Rule = { node, analyzer in sliced(node, parameters: 1..<5, &analyzer) }
  static let instance: ChannelRules.Rule = { node, analyzer in sliced(node, parameters: 1..<3, &analyzer) }

  private static func sliced(_ node: Node, parameters: Range<Int>, _ analyzer: inout ChannelAnalyzer) {
    guard let input = node.input(0), let axis = analyzer[input], let output = node.outputs.first else {
      return
    }
    guard axis.axis == 1, node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
      return ChannelRules.unknown(node, &analyzer)
    }
    for index in parameters {
      guard let name = node.input(index) else { continue }
      analyzer.slice(name, of: node, axis: 0, axis.segments)
    }
    analyzer.set(axis, of: output)
  }
}
