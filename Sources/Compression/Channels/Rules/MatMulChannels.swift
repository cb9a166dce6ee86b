import GraphIR
import TensorCore

extension ChannelRule {
  /// A weight's neurons make channels, along the last axis; a product of two computed values passes them on.
  static let matMul = ChannelRule("MatMul", MatMulChannels.pass)
}

private enum MatMulChannels {
  static let pass: ChannelRule.Pass = { node, analyzer in
    if analyzer.catalog[node.name] == nil { return product(node, &analyzer) }
    guard let layer = LayerChannels.free(node, &analyzer) else { return }
    guard let rank = analyzer.shape(layer.output)?.rank, rank > 0 else {
      return analyzer.stop(node)
    }
    if let input = analyzer[layer.input] {
      if input.axis + 1 == analyzer.shape(layer.input)?.rank {
        analyzer.slice(layer.weightName, of: node, axis: 0, input.channels)
        analyzer.read(layer.input, by: layer.name)
      } else {
        analyzer.stop(node)
      }
    }
    LayerChannels.produce(layer, node, axis: rank - 1, &analyzer)
  }

  /// A product of two computed values, such as queries and keys: channels along the axes of a batch, such as heads, go
  /// together, and so do those that are summed over.
  private static func product(_ node: Node, _ analyzer: inout ChannelAnalyzer) {
    guard node.inputs.count == 2, let output = node.outputs.first,
      let rank = analyzer.shape(output)?.rank, rank >= 2,
      let ranks = [node.inputs[0], node.inputs[1]].map({ analyzer.shape($0)?.rank }) as? [Int],
      ranks.allSatisfy({ $0 >= 2 })
    else { return analyzer.stop(node) }
    // Counted from the end: 1 and 2 are the matrix, more the batch.
    let axes = (0..<2).map { side in analyzer[node.inputs[side]].map { (ranks[side] - $0.axis, $0.channels) }
    }
    func set(_ fromEnd: Int, _ channels: [ChannelAnalysis.Channel]) {
      analyzer.set(ChannelAnalysis.Axis(axis: rank - fromEnd, channels: channels), of: output)
    }
    func unmatched() {
      analyzer.stop(node, because: "feeds \(node.name), where its channels do not match")
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
      _ tracked: (Int, [ChannelAnalysis.Channel]), _ other: String, summedAt: Int, free: Bool
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
}
