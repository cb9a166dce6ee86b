import GraphIR
import TensorCore

/// A Reshape that splits the axis of channels, a Transpose of the parts and a Reshape that puts them together again: the
/// channels in another order, as ShuffleNet's groups exchange them (Zhang et al. 2018, arXiv:1707.01083, section 3.1).
enum ChannelShuffle {
  /// - Returns: false, with nothing changed, where the node does not begin one.
  static func follow(
    _ node: Node, _ axis: ChannelAnalysis.Axis, _ analyzer: inout ChannelAnalyzer
  ) -> Bool {
    guard node.kind == "Reshape", let turn = onlyReader(of: node, "Transpose", analyzer),
      let merge = onlyReader(of: turn, "Reshape", analyzer), merge.input(0) == turn.outputs[0],
      let from = analyzer.shape(node.inputs[0])?.dimensions,
      let apart = analyzer.shape(node.outputs[0])?.dimensions,
      analyzer.shape(merge.outputs[0])?.dimensions == from
    else { return false }
    let rank = apart.count
    let parts = axis.axis..<axis.axis + rank - from.count + 1
    let perm = turn.ints("perm") ?? (0..<rank).reversed()
    guard parts.count > 1, parts.upperBound <= rank, perm.count == rank,
      Array(apart[..<parts.lowerBound]) == Array(from[..<axis.axis]),
      Array(apart[parts.upperBound...]) == Array(from[(axis.axis + 1)...]),
      apart[parts].reduce(1, *) == from[axis.axis],
      perm.indices.allSatisfy({ parts.contains($0) ? parts.contains(perm[$0]) : perm[$0] == $0 })
    else { return false }
    let order = order(Array(apart[parts]), perm[parts].map { $0 - parts.lowerBound })
    analyzer.result.reorderings.append(
      ChannelAnalysis.Reordering(
        nodes: [node.name, turn.name, merge.name], axis: axis.axis, order: order, channels: axis.channels))
    analyzer.set(
      ChannelAnalysis.Axis(axis: axis.axis, channels: order.map { axis.channels[$0] }), of: merge.outputs[0])
    return true
  }

  /// Where each entry of the transposed parts comes from.
  private static func order(_ sizes: [Int], _ perm: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: sizes.count)
    for place in sizes.indices.dropLast().reversed() {
      strides[place] = strides[place + 1] * sizes[place + 1]
    }
    return perm.reduce([0]) { starts, part in
      starts.flatMap { start in (0..<sizes[part]).map { start + $0 * strides[part] } }
    }
  }

  /// The node of a kind that alone reads what another makes.
  private static func onlyReader(
    of node: Node, _ kind: OperatorKind, _ analyzer: ChannelAnalyzer
  ) -> Node? {
    guard node.outputs.count == 1, let readers = analyzer.consumers[node.outputs[0]], readers.count == 1,
      !analyzer.graph.outputs.contains(where: { $0.name == node.outputs[0] })
    else { return nil }
    let reader = analyzer.graph.nodes[readers[0]]
    return reader.kind == kind ? reader : nil
  }
}
