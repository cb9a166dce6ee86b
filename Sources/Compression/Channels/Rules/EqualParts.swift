import GraphIR
import Operators
import TensorCore

/// Outputs of one layer that are cut into equal parts, as exporters write queries, keys and values of one product.
enum EqualParts {
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
          let parts = HeadParts.parts(from: shape.dimensions, to: to, axis: axis)
        else { return 1 }
        return parts
      default:
        guard isPassing(node, analyzer), analyzer.shape(output) == shape else { return 1 }
        value = output
      }
    }
    return 1
  }

  /// Whether a node may stand between the layer and the cut.
  private static func isPassing(_ node: Node, _ analyzer: ChannelAnalyzer) -> Bool {
    guard let site = try? analyzer.known.site(of: node, in: analyzer.graph) else { return false }
    return node.kind == "BatchNormalization" || analyzer.traits(of: node)?.pointwise(at: site) != nil
  }
}
