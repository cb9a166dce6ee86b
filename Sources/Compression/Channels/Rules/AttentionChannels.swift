import GraphIR
import Operators
import TensorCore

extension ChannelRule {
  /// Of ai.onnx: the fourth input is a mask; more, and more outputs, are a cache.
  static let attention = ChannelRule("Attention") { node, analyzer in
    AttentionChannels.heads(node, counted: ["q_num_heads", "kv_num_heads"], bias: nil, masks: [3], &analyzer)
  }

  /// Of ONNX Runtime: a bias of queries, keys and values end to end, a mask of keys and one of the scores.
  static let multiHeadAttention = ChannelRule(.runtime("MultiHeadAttention")) { node, analyzer in
    AttentionChannels.heads(node, counted: ["num_heads"], bias: 3, masks: [4, 5], &analyzer)
  }
}

/// Attention as one operator, over queries, keys and values packed as [batch, length, heads * size]: heads go whole.
private enum AttentionChannels {
  static func heads(
    _ node: Node, counted: [String], bias: Int?, masks: [Int], _ analyzer: inout ChannelAnalyzer
  ) {
    let parts = (0..<3).compactMap { node.input($0) }
    let axes = parts.compactMap { analyzer[$0] }
    let rest = node.inputs.indices.dropFirst(3).filter { !node.inputs[$0].isEmpty && $0 != bias }
    guard axes.count == 3, axes.allSatisfy({ $0.axis == 2 }),
      parts.allSatisfy({ analyzer.shape($0)?.rank == 3 }),
      let count = node.int(counted[0]), counted.allSatisfy({ node.int($0) == count }),
      rest.allSatisfy({ masks.contains($0) && isShared(node.inputs[$0], analyzer) }),
      let output = node.outputs.first, node.outputs.dropFirst().allSatisfy(\.isEmpty)
    else { return analyzer.stop(node) }
    let heads = axes.compactMap { analyzer.result.coarsen($0.channels, to: count, heads: true) }
    guard heads.count == 3, heads.dropFirst().allSatisfy({ analyzer.result.unite(heads[0], $0) }) else {
      return analyzer.stop(node)
    }
    if let name = bias.flatMap({ node.input($0) }) {
      analyzer.slice(name, of: node, axis: 0, axes.flatMap(\.channels))
    }
    analyzer.result.counters[node.name] = ChannelAnalysis.Counter(attributes: counted, channels: heads[0])
    analyzer.set(axes[2], of: output)
  }

  /// Whether a mask is the same for all heads.
  private static func isShared(_ mask: String, _ analyzer: ChannelAnalyzer) -> Bool {
    guard let shape = analyzer.shape(mask), analyzer[mask] == nil else { return false }
    return shape.rank < 3 || shape[shape.rank - 3] == 1
  }
}
