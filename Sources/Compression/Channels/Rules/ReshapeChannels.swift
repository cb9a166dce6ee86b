import GraphIR
import TensorCore

extension ChannelRule {
  /// Reshape, Flatten, Squeeze, Unsqueeze: the axis of channels may keep its size, take in what is behind it or before
  /// it, or be split, as into heads, so that its channels go in runs.
  static let reshape = ChannelRule("Reshape", "Flatten", "Squeeze", "Unsqueeze") { node, analyzer in
    guard let input = node.input(0), var axis = analyzer[input], let output = node.outputs.first,
      let from = analyzer.shape(input)?.dimensions, let to = analyzer.shape(output)?.dimensions
    else { return }
    if HeadParts.reshape(node, axis, from: from, to: to, &analyzer) { return }
    let before = from[..<axis.axis].reduce(1, *)
    let behind = from[(axis.axis + 1)...].reduce(1, *)
    let count = from[axis.axis]
    // Of several places, ones of size 1 before it, the one that keeps the size is meant.
    let places = to.indices.filter { to[..<$0].reduce(1, *) == before }
    // What is before it may be taken in, too, as both directions of a recurrent node: the channels repeat.
    let merged = to.indices.first { place in
      let front = to[..<place].reduce(1, *)
      return front < before && front > 0 && before % front == 0 && to[place] == before / front * count
        && to[(place + 1)...].reduce(1, *) == behind
    }
    let place =
      places.first { to[$0] == count }
      ?? places.first { to[$0] > count && to[$0] % count == 0 && behind % (to[$0] / count) == 0 }
      ?? merged ?? places.first { to[$0] > 1 && count % to[$0] == 0 }
    guard let place, count > 1 else {
      return analyzer.freeze(input, "feeds a reshape that mixes its channels; they cannot be removed alone")
    }
    if place == merged, !places.contains(place) {
      let repeats = to[place] / count
      axis.segments = Array(repeatElement(axis.segments, count: repeats).joined())
    } else if to[place] > count {
      axis.segments = axis.segments.map { .init(space: $0.space, block: $0.block * (to[place] / count)) }
    } else if to[place] < count {
      guard axis.segments.count == 1,
        analyzer.result.coarsen(axis.segments[0].space, to: to[place], heads: to.count > from.count)
      else {
        return analyzer.freeze(input, "feeds a reshape to heads; its neurons cannot be removed alone")
      }
      axis.segments = [.init(space: analyzer.result.root(axis.segments[0].space), block: 1)]
    }
    let source = axis
    axis.axis = place
    if node.kind == "Reshape", !ReshapeChannels.keepsShape(node, input: source, at: place, &analyzer) {
      return analyzer.freeze(
        input, "feeds a reshape to a computed shape; its channels cannot be removed alone")
    }
    analyzer.set(axis, of: output)
  }
}

enum ReshapeChannels {
  /// Whether a reshape's target is right for fewer channels, once a number among its constants is changed.
  static func keepsShape(
    _ node: Node, input axis: ChannelAnalysis.Axis, at place: Int, _ analyzer: inout ChannelAnalyzer
  ) -> Bool {
    guard let name = node.input(1), let target = analyzer.known.constants[name]?.integers,
      target.indices.contains(place)
    else { return false }
    if target[place] == -1 || (target[place] == 0 && place == axis.axis && (node.int("allowzero") ?? 0) == 0)
    {
      return true
    }
    guard target[place] == analyzer.result.count(axis.segments) else { return false }
    let producer = analyzer.producer(of: name)
    if producer?.kind == "Shape", let source = producer?.input(0), let other = analyzer[source],
      other.axis == place,
      other.segments.map(analyzer.result.resolved) == axis.segments.map(analyzer.result.resolved)
    {
      return true
    }
    guard analyzer.graph.initializers[name] != nil || producer?.kind == "Constant" else { return false }
    analyzer.result.shapeEntries.append(
      ChannelAnalysis.ShapeEntry(node: node.name, target: target, index: place, segments: axis.segments))
    return true
  }
}
