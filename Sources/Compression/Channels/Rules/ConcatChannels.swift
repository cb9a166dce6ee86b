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
      var segments: [ChannelAnalysis.Segment] = []
      for input in inputs {
        if let axis = analyzer[input] {
          segments += axis.segments
        } else {
          let space = analyzer.result.makeSpace(
            count: analyzer.shape(input)?[along] ?? 0, producer: nil, obstacle: "no layer makes it")
          segments.append(ChannelAnalysis.Segment(space: space, block: 1))
        }
      }
      return analyzer.set(ChannelAnalysis.Axis(axis: along, segments: segments), of: output)
    }
    let matches = tracked.allSatisfy { analyzer.result.unite(first.segments, $0.segments) }
    guard matches, tracked.count == inputs.count else { return analyzer.stop(node) }
    analyzer.set(first, of: output)
  }
}
