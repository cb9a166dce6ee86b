import GraphIR

extension ChannelRule {
  /// Rows and columns go, channels stay.
  static let crop = ChannelRule("Crop") { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], axis.axis < 2,
      let output = node.outputs.first
    else { return analyzer.stop(node) }
    analyzer.set(axis, of: output)
  }
}
