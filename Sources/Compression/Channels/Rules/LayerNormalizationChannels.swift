import GraphIR
import Operators
import TensorCore

extension ChannelRule {
  /// Statistics over the channels are taken over those that stay, which is what the model would do had it been trained
  /// narrower; removing channels that are zero still changes them.
  static let layerNormalization = ChannelRule(
    "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization",
    .runtime("SimplifiedLayerNormalization")
  ) { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let shape = analyzer.shape(input),
      let output = node.outputs.first, node.outputs.dropFirst().allSatisfy(\.isEmpty),
      let first = shape.normalized(axis: node.int("axis") ?? -1)
    else { return analyzer.stop(node) }
    if axis.axis >= first {
      for index in 1...2 {
        guard let name = node.input(index) else { continue }
        analyzer.slice(name, of: node, axis: axis.axis - first, axis.channels)
      }
    }
    analyzer.set(axis, of: output)
  }
}
