import GraphIR
import TensorCore

extension ChannelRule {
  /// Along the channels, parts that may lose some each on its own; along another axis, as they are.
  static let split = ChannelRule("Split") { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let shape = analyzer.shape(input),
      let along = shape.normalized(axis: node.int("axis") ?? 0)
    else { return }
    guard along == axis.axis else {
      for output in node.outputs { analyzer.set(axis, of: output) }
      return
    }
    var parts: [[ChannelAnalysis.Channel]] = []
    var start = 0
    for output in node.outputs {
      guard let size = analyzer.shape(output)?[along], start + size <= axis.channels.count else { break }
      parts.append(Array(axis.channels[start..<start + size]))
      start += size
    }
    guard parts.count == node.outputs.count, start == axis.channels.count, !parts.contains(where: \.isEmpty)
    else {
      return analyzer.freeze(input, "feeds a Split to computed sizes; its channels cannot be removed alone")
    }
    analyzer.result.splits[node.name] = parts
    for (output, channels) in zip(node.outputs, parts) {
      analyzer.set(ChannelAnalysis.Axis(axis: along, channels: channels), of: output)
    }
  }
}
