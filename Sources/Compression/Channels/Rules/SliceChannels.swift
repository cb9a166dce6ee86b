import GraphIR
import TensorCore

extension ChannelRule {
  /// Along the channels, those from a place to another, where both are constant or computed of the shape; along other axes,
  /// as they are.
  static let slice = ChannelRule("Slice") { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let shape = analyzer.shape(input),
      let output = node.outputs.first
    else { return analyzer.stop(node) }
    func numbers(_ name: String, _ place: Int) -> [Int]? {
      node.ints(name) ?? node.input(place).flatMap { analyzer.known.constants[$0]?.integers }
    }
    guard let starts = numbers("starts", 1) else { return analyzer.stop(node) }
    let given = numbers("axes", 3) ?? (node.input(3) == nil ? Array(starts.indices) : [])
    let axes = given.compactMap(shape.normalized(axis:))
    guard !axes.isEmpty, axes.count == given.count else { return analyzer.stop(node) }
    guard let place = axes.firstIndex(of: axis.axis) else { return analyzer.set(axis, of: output) }

    let count = axis.channels.count
    guard let ends = numbers("ends", 2), starts.indices.contains(place), ends.indices.contains(place),
      node.input(1) != nil, node.input(2) != nil,
      numbers("steps", 4).map({ $0.indices.contains(place) && $0[place] == 1 }) ?? (node.input(4) == nil)
    else { return analyzer.stop(node) }
    func within(_ number: Int) -> Int { min(max(number < 0 ? number + count : number, 0), count) }
    let range = (from: within(starts[place]), to: within(ends[place]))
    guard range.from < range.to else { return analyzer.stop(node) }
    for (input, numbers, bound) in [(1, starts, range.from), (2, ends, range.to)] {
      let isConstant = node.input(input).map(analyzer.isConstant) ?? true
      // The end of all stays the end of all.
      if bound == count, numbers[place] > count { continue }
      guard isConstant || numbers[place] == bound else { return analyzer.stop(node) }
      analyzer.result.shapeEntries.append(
        ChannelAnalysis.ShapeEntry(
          node: node.name, input: input, index: place, target: numbers, isComputed: !isConstant,
          channels: Array(axis.channels[..<bound])))
    }
    let channels = Array(axis.channels[range.from..<range.to])
    analyzer.result.parts.append(channels)
    analyzer.set(ChannelAnalysis.Axis(axis: axis.axis, channels: channels), of: output)
  }
}
