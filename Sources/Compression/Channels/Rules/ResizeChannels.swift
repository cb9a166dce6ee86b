import GraphIR
import TensorCore

extension ChannelRule {
  /// Along other axes than that of the channels, before, behind and around which nothing is put.
  static let pad = ChannelRule("Pad", .runtime("Pad")) { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let rank = analyzer.shape(input)?.rank,
      let output = node.outputs.first,
      let pads = node.ints("pads") ?? node.ints("paddings")
        ?? node.input(1).flatMap({ analyzer.known.constants[$0]?.integers })
    else { return analyzer.stop(node) }
    var places = Array(0..<rank)
    if let name = node.input(3) {
      guard let given = analyzer.known.constants[name]?.integers else { return analyzer.stop(node) }
      places = given.map { $0 < 0 ? $0 + rank : $0 }
    }
    guard pads.count == 2 * places.count else { return analyzer.stop(node) }
    if let place = places.firstIndex(of: axis.axis), pads[place] != 0 || pads[place + places.count] != 0 {
      return analyzer.freeze(input, "feeds a Pad along its channels; they cannot be removed alone")
    }
    analyzer.set(axis, of: output)
  }

  /// Along other axes than that of the channels.
  static let resize = ChannelRule("Resize", "Upsample") { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let shape = analyzer.shape(input),
      let output = node.outputs.first, analyzer.shape(output)?[axis.axis] == shape[axis.axis],
      node.string("coordinate_transformation_mode") != "tf_crop_and_resize",
      node.string("keep_aspect_ratio_policy") ?? "stretch" == "stretch"
    else { return analyzer.stop(node) }
    let axes = node.ints("axes")?.map { $0 < 0 ? $0 + shape.rank : $0 } ?? Array(0..<shape.rank)
    // Before operator set 11 the factors are the second input, and in Upsample first an attribute.
    let scales = node.inputs.count > 2 ? 2 : 1
    if let place = axes.firstIndex(of: axis.axis) {
      if let sizes = node.input(3) {
        guard let target = analyzer.known.constants[sizes]?.integers, target.indices.contains(place) else {
          return analyzer.stop(node)
        }
        analyzer.result.shapeEntries.append(
          ChannelAnalysis.ShapeEntry(
            node: node.name, input: 3, index: place, target: target, isComputed: !analyzer.isConstant(sizes),
            channels: axis.channels))
      } else {
        let factors =
          node.floats("scales") ?? node.input(scales).flatMap { analyzer.known.constants[$0]?.floats }
        guard let factors, factors.indices.contains(place), factors[place] == 1 else {
          return analyzer.stop(node)
        }
      }
    }
    analyzer.set(axis, of: output)
  }
}
