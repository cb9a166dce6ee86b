import GraphIR
import TensorCore

/// Where the axis of channels moves or merges.
enum ShapeChannels {
  /// Reshape, Flatten, Squeeze, Unsqueeze: the axis of channels may keep its size, take in what is behind it or before
  /// it, or be split, as into heads, so that its channels go in runs.
  static let reshape: ChannelRules.Rule = { node, analyzer in
    guard let input = node.input(0), var axis = analyzer[input], let output = node.outputs.first,
      let from = analyzer.shape(input)?.dimensions, let to = analyzer.shape(output)?.dimensions
    else { return }
    if PartChannels.reshape(node, axis, from: from, to: to, &analyzer) { return }
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
    if node.kind == "Reshape", !keepsShape(node, input: source, at: place, &analyzer) {
      return analyzer.freeze(
        input, "feeds a reshape to a computed shape; its channels cannot be removed alone")
    }
    analyzer.set(axis, of: output)
  }

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

  /// Softmax and the like, along an axis other than that of the channels. Before opset 13 all axes behind count too.
  static let along: ChannelRules.Rule = { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let output = node.outputs.first,
      let shape = analyzer.shape(input)
    else { return }
    let old = analyzer.graph.opset < 13
    guard let over = shape.normalized(axis: node.int("axis") ?? (old ? 1 : -1)),
      old ? axis.axis < over : axis.axis != over
    else { return ChannelRules.unknown(node, &analyzer) }
    analyzer.set(axis, of: output)
  }

  static let transpose: ChannelRules.Rule = { node, analyzer in
    guard let input = node.input(0), var axis = analyzer[input], let output = node.outputs.first,
      let rank = analyzer.shape(input)?.rank
    else { return }
    let order = node.ints("perm") ?? (0..<rank).reversed()
    guard let place = order.firstIndex(of: axis.axis) else { return ChannelRules.unknown(node, &analyzer) }
    axis.axis = place
    analyzer.set(axis, of: output)
  }

  /// Along the channels, one after the other; along another axis, channels at the same place go together.
  static let concat: ChannelRules.Rule = { node, analyzer in
    guard let output = node.outputs.first, let shape = analyzer.shape(output),
      let along = node.int("axis").flatMap(shape.normalized(axis:))
    else { return ChannelRules.unknown(node, &analyzer) }
    let inputs = node.inputs.filter { !$0.isEmpty }
    let tracked = inputs.compactMap { analyzer[$0] }
    guard let first = tracked.first else { return }
    guard tracked.allSatisfy({ $0.axis == first.axis }) else { return ChannelRules.unknown(node, &analyzer) }
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
    guard matches, tracked.count == inputs.count else { return ChannelRules.unknown(node, &analyzer) }
    analyzer.set(first, of: output)
  }

  /// Over axes other than that of the channels.
  static let reduction: ChannelRules.Rule = { node, analyzer in
    guard let input = node.input(0), var axis = analyzer[input], let output = node.outputs.first,
      let shape = analyzer.shape(input)
    else { return }
    let given = node.ints("axes") ?? node.input(1).flatMap { analyzer.known.constants[$0]?.integers } ?? []
    let axes = given.compactMap(shape.normalized(axis:))
    guard !axes.isEmpty, !axes.contains(axis.axis) else {
      return analyzer.freeze(input, "feeds a \(node.kind) over its channels; they cannot be removed alone")
    }
    if (node.int("keepdims") ?? 1) == 0 { axis.axis -= axes.count { $0 < axis.axis } }
    analyzer.set(axis, of: output)
  }
}
