import GraphIR
import TensorCore

/// Where a layer's bias is, or could be: the node that adds it, with room for another.
struct BiasPlace {
  private let wide: Node
  private let input: Int
  private let old: [Float]
  private let shape: Shape
  /// How often the product counts where the bias counts once, as a Gemm's alpha over its beta.
  private let factor: Double

  /// Nil where nothing adds a bias that could change: a MatMul without an Add behind it, a bias that is computed or
  /// counts for nothing.
  init?(_ layer: Layer, node: Node, nodes: [String: Node], in graph: Graph) {
    var factor = 1.0
    if let name = layer.biasName {
      guard let weight = graph.initializers[name], let row = weight.row(count: layer.outputs) else {
        return nil
      }
      (old, shape) = (row, weight.shape.count == row.count ? weight.shape : Shape(known: [row.count]))
    } else {
      (old, shape) = ([Float](repeating: 0, count: layer.outputs), Shape(known: [layer.outputs]))
    }
    switch layer.form {
    case .matMul:
      guard let name = layer.biasName, let add = layer.biasNode.flatMap({ nodes[$0] }),
        let place = add.inputs.firstIndex(of: name)
      else { return nil }
      (wide, input) = (add, place)
    case .gemm, .conv:
      guard layer.biasName != nil || node.input(2) == nil else { return nil }
      if layer.form == .gemm {
        let beta = Double(node.float("beta") ?? 1)
        guard beta != 0 else { return nil }
        factor = Double(node.float("alpha") ?? 1) / beta
      }
      var node = node
      node.inputs = Array((node.inputs + [""]).prefix(3))
      (wide, input) = (node, 2)
    case .gather: return nil
    }
    self.factor = factor
  }

  /// The bias with an error of the product, one number per output, taken out.
  func bias(without error: [Double]) -> Tensor {
    Tensor(shape: shape, of: Float.self) { values in
      for index in values.indices { values[index] = Float(Double(old[index]) - factor * error[index]) }
    }
  }

  /// The node with another constant as its bias: the layer's own, or the Add behind it.
  func node(reading bias: String) -> Node {
    var node = wide
    node.inputs[input] = bias
    return node
  }
}
