import GraphIR
import TensorCore

extension ChannelRule {
  /// Along the channels, one after the other; along another axis, channels at the same place go together.
  static let concat = ChannelRule("Concat") { node, analyzer in
    guard let output = node.outputs.first, let shape = analyzer.shape(output),
      let along = node.int("axis").flatMap(shape.normalized(axis:))
    else { return analyzer.stop(node) }
    let inputs = node.inputs.filter { !$0.isEmpty }
    let tracked = inputs.compactMap { analyzer[$0] }
    guard let first = tracked.first else { return }
    guard tracked.allSatisfy({ $0.axis == first.axis }) else { return analyzer.stop(node) }
    if first.axis == along {
      let channels = inputs.flatMap { input in
        analyzer[input]?.channels
          ?? analyzer.result.makeSpace(
            count: analyzer.shape(input)?[along] ?? 0, obstacle: "no layer makes it")
      }
      return analyzer.set(ChannelAnalysis.Axis(axis: along, channels: channels), of: output)
    }
    let matches = tracked.allSatisfy { analyzer.result.unite(first.channels, $0.channels) }
    guard matches, tracked.count == inputs.count else { return analyzer.stop(node) }
    analyzer.set(first, of: output)
  }
}
