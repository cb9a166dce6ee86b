import GraphIR
import TensorCore

/// Reshapes that make parts of heads, as exporters write queries, keys and values of one product.
enum HeadParts {
  /// How many parts of heads a reshape makes of the last axis, as in [batch, length, 3, heads, size].
  static func parts(from: [Int], to: [Int], axis: Int) -> Int? {
    guard axis + 1 == from.count, to.count == from.count + 2, Array(to[..<axis]) == Array(from[..<axis]),
      to[axis] == 3, from[axis] % 3 == 0
    else { return nil }
    return to[axis]
  }

  /// Parts of heads from channels that are in as many parts; false where it is another reshape.
  static func reshape(
    _ node: Node, _ axis: ChannelAnalysis.Axis, from: [Int], to: [Int], _ analyzer: inout ChannelAnalyzer
  ) -> Bool {
    guard let parts = parts(from: from, to: to, axis: axis.axis) else { return false }
    let place = axis.axis + 1
    let size = axis.channels.count / parts
    let pieces = (0..<parts).map { Array(axis.channels[$0 * size..<($0 + 1) * size]) }
    guard pieces.dropFirst().allSatisfy({ analyzer.result.unite(pieces[0], $0) }),
      let units = analyzer.result.coarsen(pieces[0], to: to[place], heads: true)
    else {
      analyzer.freeze(node.inputs[0], "feeds a reshape to heads; its neurons cannot be removed alone")
      return true
    }
    let heads = ChannelAnalysis.Axis(axis: place, channels: units)
    if node.kind == "Reshape", !ReshapeChannels.keepsShape(node, input: heads, at: place, &analyzer) {
      analyzer.freeze(
        node.inputs[0], "feeds a reshape to a computed shape; its channels cannot be removed alone")
      return true
    }
    if let output = node.outputs.first { analyzer.set(heads, of: output) }
    return true
  }
}
