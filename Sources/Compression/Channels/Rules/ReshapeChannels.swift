import GraphIR
import TensorCore

extension ChannelRule {
  /// Reshape, Flatten, Squeeze, Unsqueeze: the axis of channels may keep its size, take in what is behind it or before
  /// it, or be split, as into heads or groups, so that its channels go in runs.
  static let reshape = ChannelRule("Reshape", "Flatten", "Squeeze", "Unsqueeze") { node, analyzer in
    guard let input = node.input(0), var axis = analyzer[input], let output = node.outputs.first,
      let from = analyzer.shape(input)?.dimensions, let to = analyzer.shape(output)?.dimensions
    else { return }
    if HeadParts.reshape(node, axis, from: from, to: to, &analyzer) { return }
    if ChannelShuffle.follow(node, axis, &analyzer) { return }
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
      axis.channels = axis.channels.repeated(to[place] / count)
    } else if to[place] > count {
      axis.channels = axis.channels.repeated(each: to[place] / count)
    } else if to[place] < count {
      let heads = to.count > from.count && analyzer.reachesProduct(output)
      guard let units = analyzer.result.coarsen(axis.channels, to: to[place], heads: heads) else {
        return analyzer.freeze(
          input, "feeds a reshape that splits them unevenly; its channels cannot be removed alone")
      }
      axis.channels = units
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
  /// Whether a reshape's target is right for fewer channels, once a number in it is changed.
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
    guard target[place] == axis.channels.count else { return false }
    if let read = analyzer.result.shapeReads[name], read.index == place,
      read.channels.map(analyzer.result.resolved) == axis.channels.map(analyzer.result.resolved)
    {
      analyzer.result.shapeReads[name]?.followers.insert(node.name)
      return true
    }
    analyzer.result.shapeEntries.append(
      ChannelAnalysis.ShapeEntry(
        node: node.name, input: 1, index: place, target: target, isComputed: !analyzer.isConstant(name),
        channels: axis.channels
      ))
    return true
  }
}

extension ChannelAnalyzer {
  /// Whether a value comes to a product of two computed values before any layer: what it is split into are then heads.
  func reachesProduct(_ value: String) -> Bool {
    var open = [value]
    var seen = Set(open)
    while let next = open.popLast() {
      for index in consumers[next] ?? [] {
        let node = graph.nodes[index]
        if catalog[node.name] != nil { continue }
        if ["MatMul", "Einsum", "Attention", .runtime("MultiHeadAttention")].contains(node.kind) {
          return true
        }
        for output in node.outputs where !output.isEmpty && seen.insert(output).inserted {
          open.append(output)
        }
      }
    }
    return false
  }
}
