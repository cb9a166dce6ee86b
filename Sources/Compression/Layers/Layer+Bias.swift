import GraphIR
import TensorCore

extension Layer {
  /// What the layer's constant bias adds to each of its outputs.
  func biasRow(in graph: Graph) -> [Float]? {
    biasName.flatMap { graph.initializers[$0] }?.row(count: outputs)
  }
}

extension Weight {
  /// One number per output, as a bias or the parameters of a normalization are read: a single number counts for all.
  /// - Returns: nil where it is laid out otherwise, as the bias [M, 1] or [M, N] of a Gemm that differs from row to row.
  func row(count: Int) -> [Float]? {
    if shape.count == 1 { return Array(repeating: tensor.floats[0], count: count) }
    return isRow(count: count) ? tensor.floats : nil
  }

  /// Whether it stores one number per output, along its last axis.
  func isRow(count: Int) -> Bool { shape.count == count && (shape.dimensions.last ?? 1) == count }
}

/// Where a node reads a constant.
struct ConstantPlace: Hashable {
  let node: String
  let input: Int
  let constant: String

  init?(input: Int, of node: Node) {
    guard let name = node.input(input) else { return nil }
    (self.node, self.input, constant) = (node.name, input, name)
  }

  /// Where a layer's constant bias is read, by itself or by the Add behind it; nil where it has none.
  init?(biasOf layer: Layer, in graph: Graph) {
    guard let bias = layer.biasName,
      let node = graph.nodes.first(where: { $0.name == layer.biasNode ?? layer.name }),
      let input = layer.biasNode == nil ? 2 : node.inputs.firstIndex(of: bias)
    else { return nil }
    self.init(input: input, of: node)
  }
}
