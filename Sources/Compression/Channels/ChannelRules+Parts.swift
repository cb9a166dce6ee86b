import GraphIR
import TensorCore

/// Outputs of one layer that are cut into equal parts, as exporters write queries, keys and values of one product.
enum EqualParts {
  /// What may stand between the layer and the cut.
  private static let passing: Set<OperatorKind> = [
    "Add", "Mul", "Relu", "Identity", "Dropout", "Cast", "BatchNormalization",
  ]

  /// How many parts the axis of a value is cut into by its only reader, or one behind it; 1 where it is not.
  static func count(of value: String, axis: Int, _ analyzer: ChannelAnalyzer) -> Int {
    var value = value
    for _ in 0..<8 {
      guard let readers = analyzer.consumers[value], readers.count == 1, let shape = analyzer.shape(value)
      else { return 1 }
      let node = analyzer.graph.nodes[readers[0]]
      guard let output = node.outputs.first, shape.dimensions.indices.contains(axis) else { return 1 }
      switch node.kind {
      case "Split":
        let sizes = node.outputs.map { analyzer.shape($0)?.dimensions ?? [] }
        let isEven = sizes.allSatisfy { $0.count == shape.rank && $0 == sizes[0] }
        guard shape.normalized(axis: node.int("axis") ?? 0) == axis, isEven,
          sizes[0][axis] * sizes.count == shape[axis]
        else { return 1 }
        return sizes.count
      case "Reshape":
        guard let to = analyzer.shape(output)?.dimensions,
          let parts = PartChannels.parts(from: shape.dimensions, to: to, axis: axis)
        else { return 1 }
        return parts
      default:
        guard passing.contains(node.kind), analyzer.shape(output) == shape else { return 1 }
        value = output
      }
    }
    return 1
  }
}

/// Where channels are cut into parts, or indexed along another axis.
enum PartChannels {
  /// Along the channels, equal parts whose channels go together; along another axis, as they are.
  static let split: ChannelRules.Rule = { node, analyzer in
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

  /// Along another axis than that of the channels.
  static let gather: ChannelRules.Rule = { node, analyzer in
    guard let input = node.input(0), var axis = analyzer[input], let shape = analyzer.shape(input),
      let output = node.outputs.first
    else { return ChannelRules.unknown(node, &analyzer) }
    guard let indices = node.input(1), analyzer[indices] == nil, let rank = analyzer.shape(indices)?.rank,
      let along = shape.normalized(axis: node.int("axis") ?? 0), along != axis.axis
    else { return ChannelRules.unknown(node, &analyzer) }
    if along < axis.axis { axis.axis += rank - 1 }
    analyzer.set(axis, of: output)
  }

  static let slice: ChannelRules.Rule = { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let shape = analyzer.shape(input),
      let output = node.outputs.first
    else { return ChannelRules.unknown(node, &analyzer) }
    let given = node.ints("axes") ?? node.input(3).flatMap { analyzer.known.constants[$0]?.integers } ?? []
    let axes = given.compactMap(shape.normalized(axis:))
    guard !axes.isEmpty, axes.count == given.count, !axes.contains(axis.axis) else {
      return ChannelRules.unknown(node, &analyzer)
    }
    analyzer.set(axis, of: output)
  }

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
    guard let parts = parts(from: from, to: to, axis: axis.axis), axis.segments.count == parts else {
      return false
    }
    let place = axis.axis + 1
    let isUnited = axis.segments.dropFirst().allSatisfy {
      analyzer.result.unite([axis.segments[0]], [$0])
    }
    guard isUnited, analyzer.result.coarsen(axis.segments[0].space, to: to[place], heads: true) else {
      analyzer.freeze(node.inputs[0], "feeds a reshape to heads; its neurons cannot be removed alone")
      return true
    }
    let unit = ChannelAnalysis.Segment(space: analyzer.result.root(axis.segments[0].space), block: 1)
    let heads = ChannelAnalysis.Axis(axis: place, segments: [unit])
    if node.kind == "Reshape", !ShapeChannels.keepsShape(node, input: heads, at: place, &analyzer) {
      analyzer.freeze(
        node.inputs[0], "feeds a reshape to a computed shape; its channels cannot be removed alone")
      return true
    }
    if let output = node.outputs.first { analyzer.set(heads, of: output) }
    return true
  }
}
