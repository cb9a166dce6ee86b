import GraphIR

/// Where channels are made and used up.
enum LayerChannels {
  static let conv: ChannelRules.Rule = { node, analyzer in
    guard let layer = free(node, &analyzer) else { return }
    let input = analyzer[layer.input]
    if let input, input.axis != 1 { return ChannelRules.unknown(node, &analyzer) }
    guard layer.groups > 1 else {
      if let input {
        analyzer.slice(layer.weightName, of: node, axis: 1, input.segments)
        analyzer.read(layer.input, by: layer.name)
      }
      return produce(layer, node, axis: 1, &analyzer)
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
    guard input.segments.count == 1, analyzer.result.coarsen(input.segments[0].space, to: layer.groups) else {
      analyzer.result.obstacles[layer.name] =
        "a grouped convolution: its groups do not match the channels that it reads"
      return analyzer.freeze(
        layer.input, "feeds a grouped convolution whose groups do not match its channels")
    }
    produce(layer, node, axis: 1, isWhole: true, &analyzer)
    guard let output = analyzer.result.outputsOfLayer[layer.name]?.first?.space,
      analyzer.result.coarsen(output, to: layer.groups),
      analyzer.result.join(input.segments[0].space, output)
    else { return analyzer.freeze(layer.input, "feeds a grouped convolution whose groups do not match") }
    let unit = ChannelAnalysis.Segment(space: analyzer.result.root(output), block: 1)
    analyzer.result.counters[node.name] = ChannelAnalysis.Counter(attributes: ["group"], segments: [unit])
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
    analyzer.result.counters[node.name] = ChannelAnalysis.Counter(
      attributes: ["group"], segments: input.segments)
    analyzer.result.followers[layer.name] = input.segments
    analyzer.set(ChannelAnalysis.Axis(axis: 1, segments: segments), of: layer.output)
  }

  static let gemm: ChannelRules.Rule = { node, analyzer in
    guard let layer = free(node, &analyzer) else { return }
    if let bias = node.input(2) { analyzer.freeze(bias, "is the bias of \(node.name)") }
    if let input = analyzer[layer.input] {
      if input.axis == 1, (node.int("transA") ?? 0) == 0 {
        analyzer.slice(layer.weightName, of: node, axis: 1 - layer.outputAxis, input.segments)
        analyzer.read(layer.input, by: layer.name)
      } else {
        ChannelRules.unknown(node, &analyzer)
      }
    }
    produce(layer, node, axis: 1, &analyzer)
  }

  static let matMul: ChannelRules.Rule = { node, analyzer in
    if analyzer.catalog[node.name] == nil { return product(node, &analyzer) }
    guard let layer = free(node, &analyzer) else { return }
    guard let rank = analyzer.shape(layer.output)?.rank, rank > 0 else {
      return ChannelRules.unknown(node, &analyzer)
    }
    if let input = analyzer[layer.input] {
      if input.axis + 1 == analyzer.shape(layer.input)?.rank {
        analyzer.slice(layer.weightName, of: node, axis: 0, input.segments)
        analyzer.read(layer.input, by: layer.name)
      } else {
        ChannelRules.unknown(node, &analyzer)
      }
    }
    produce(layer, node, axis: rank - 1, &analyzer)
  }

  /// A product of two computed values, such as queries and keys: channels along the axes of a batch, such as heads, go
  /// together, and so do those that are summed over.
  private static func product(_ node: Node, _ analyzer: inout ChannelAnalyzer) {
    guard node.inputs.count == 2, let output = node.outputs.first,
      let rank = analyzer.shape(output)?.rank, rank >= 2,
      let ranks = [node.inputs[0], node.inputs[1]].map({ analyzer.shape($0)?.rank }) as? [Int],
      ranks.allSatisfy({ $0 >= 2 })
    else { return ChannelRules.unknown(node, &analyzer) }
    // Counted from the end: 1 and 2 are the matrix, more the batch.
    let axes = (0..<2).map { side in analyzer[node.inputs[side]].map { (ranks[side] - $0.axis, $0.segments) }
    }
    func set(_ fromEnd: Int, _ segments: [ChannelAnalysis.Segment]) {
      analyzer.set(ChannelAnalysis.Axis(axis: rank - fromEnd, segments: segments), of: output)
    }
    func unmatched() {
      ChannelRules.freezeAll(node, "feeds \(node.name), where its channels do not match", &analyzer)
    }
    switch (axes[0], axes[1]) {
    case (nil, nil): return
    case (let left?, let right?):
      let summed = left.0 == 1 && right.0 == 2
      guard summed || (left.0 == right.0 && left.0 > 2), analyzer.result.unite(left.1, right.1) else {
        return unmatched()
      }
      if !summed { set(left.0, left.1) }
    case (let left?, nil):
      if left.0 == 2 { return set(2, left.1) }
      alone(left, node.inputs[1], summedAt: 2, free: left.0 != 1)
    case (nil, let right?):
      if right.0 == 1 { return set(1, right.1) }
      alone(right, node.inputs[0], summedAt: 1, free: right.0 != 2)
    }
    /// The other side has no channels: it broadcasts, or is a constant that shrinks.
    func alone(
      _ tracked: (Int, [ChannelAnalysis.Segment]), _ other: String, summedAt: Int, free: Bool
    ) {
      guard let shape = analyzer.shape(other) else { return unmatched() }
      let place = shape.rank - (free ? tracked.0 : summedAt)
      if shape.dimensions.indices.contains(place), !free || shape[place] > 1 {
        guard analyzer.graph.initializers[other] != nil else { return unmatched() }
        analyzer.slice(other, of: node, axis: place, tracked.1)
      }
      if free { set(tracked.0, tracked.1) }
    }
  }

  /// The layer of a node whose weight is its own; otherwise everything around it stays.
  private static func free(_ node: Node, _ analyzer: inout ChannelAnalyzer) -> Layer? {
    guard let layer = analyzer.catalog[node.name] else {
      ChannelRules.freezeAll(
        node, "feeds a \(node.kind) of two computed values; its channels cannot be removed alone", &analyzer)
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
  private static func produce(
    _ layer: Layer, _ node: Node, axis: Int, isWhole: Bool = false, _ analyzer: inout ChannelAnalyzer
  ) {
    let parts = isWhole ? 1 : EqualParts.count(of: layer.output, axis: axis, analyzer)
    let segments = (0..<parts).map { _ in
      ChannelAnalysis.Segment(
        space: analyzer.result.makeSpace(count: layer.outputs / parts, producer: layer.name), block: 1)
    }
    analyzer.result.outputsOfLayer[layer.name] = segments
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
  static let batch: ChannelRules.Rule = { node, analyzer in
    if let input = node.input(0), let axis = analyzer[input], let scale = node.input(1) {
      analyzer.result.scales[scale] = axis.segments
    }
    sliced(node, parameters: 1..<5, &analyzer)
  }
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

  /// Each group is normalized by itself: its channels go together. Parameters are per channel, before opset 21 per group.
  static let group: ChannelRules.Rule = { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let output = node.outputs.first else {
      return
    }
    let count = analyzer.result.count(axis.segments)
    guard axis.axis == 1, axis.segments.count == 1, let groups = node.int("num_groups"),
      analyzer.result.coarsen(axis.segments[0].space, to: groups)
    else { return ChannelRules.unknown(node, &analyzer) }
    let unit = ChannelAnalysis.Segment(space: analyzer.result.root(axis.segments[0].space), block: 1)
    for index in 1...2 {
      guard let name = node.input(index) else { continue }
      let perGroup = analyzer.shape(name)?.count == groups && groups != count
      analyzer.slice(name, of: node, axis: 0, perGroup ? [unit] : axis.segments)
    }
    analyzer.result.counters[node.name] = ChannelAnalysis.Counter(
      attributes: ["num_groups"], segments: [unit])
    analyzer.set(axis, of: output)
  }

  /// Statistics over the channels are taken over those that stay, which is what the model would do had it been trained
  /// narrower; removing channels that are zero still changes them.
  static let layer: ChannelRules.Rule = { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let shape = analyzer.shape(input),
      let output = node.outputs.first, node.outputs.dropFirst().allSatisfy(\.isEmpty),
      let first = shape.normalized(axis: node.int("axis") ?? -1)
    else { return ChannelRules.unknown(node, &analyzer) }
    if axis.axis >= first {
      for index in 1...2 {
        guard let name = node.input(index) else { continue }
        analyzer.slice(name, of: node, axis: axis.axis - first, axis.segments)
      }
    }
    analyzer.set(axis, of: output)
  }
}
