import GraphIR
import TensorCore

extension ChannelRule {
  /// Along the channels, equal parts whose channels go together; along another axis, as they are.
  static let split = ChannelRule("Split") { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let shape = analyzer.shape(input),
      let along = shape.normalized(axis: node.int("axis") ?? 0)
    else { return }
    guard along == axis.axis else {
      for output in node.outputs { analyzer.set(axis, of: output) }
      return
    }
    guard axis.segments.count == node.outputs.count, axis.segments.count > 1,
      axis.segments.dropFirst().allSatisfy({ analyzer.result.unite([axis.segments[0]], [$0]) })
    else {
      return analyzer.freeze(
        input, "feeds a Split whose parts are not equal; its channels cannot be removed alone")
    }
    if let sizes = node.input(1) {
      guard let target = analyzer.known.constants[sizes]?.integers, target.count == axis.segments.count else {
        return analyzer.freeze(input, "feeds a Split to computed sizes; its channels cannot be removed alone")
      }
      for (index, segment) in axis.segments.enumerated() {
        analyzer.result.shapeEntries.append(
          ChannelAnalysis.ShapeEntry(node: node.name, target: target, index: index, segments: [segment]))
      }
    }
    analyzer.result.evenSplits[node.name] = axis.segments
    for (output, segment) in zip(node.outputs, axis.segments) {
      analyzer.set(ChannelAnalysis.Axis(axis: along, segments: [segment]), of: output)
    }
  }
}
