import GraphIR
import TensorCore

/// Takes the mean error that quantized weights make in a layer's output out of its bias.
///
/// b' = b - (W' - W) E[x], with the inputs' means over the calibration data as the unquantized model has them: the
/// empirical form of Nagel et al. 2019, arXiv:1906.04721, section 4.2.
struct BiasCorrection: CompressionPass {
  let label = "bias correction"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult()
    let wanted = context.layers.filter { layer in
      guard case .quantized = layer.settings.weights else { return false }
      return layer.settings.bias == .corrected
    }
    guard !wanted.isEmpty else { return result }
    guard context.activations != nil else {
      for layer in wanted { result.remark(layer, "bias correction needs calibration data: no effect") }
      return result
    }
    let statistics = try context.inputStatistics(for: wanted, needs: [])
    let nodes = Dictionary(
      context.graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var names = NameTable(context.graph)
    for layer in wanted {
      try checkCancellation()
      guard let inputs = statistics[layer.layer.name], inputs.rows > 0,
        let before = context.unquantized.graph.initializers[layer.layer.weightName],
        let after = context.weight(of: layer), let node = nodes[layer.layer.name]
      else { continue }
      let shift = BiasCorrection.shift(
        WeightMatrix(before, layer: layer.layer), WeightMatrix(after, layer: layer.layer), inputs)
      guard let change = Change(layer.layer, node: node, shift: shift, nodes: nodes, in: context.graph) else {
        result.remark(layer, "no bias of its own to correct")
        continue
      }
      let name = names.fresh("\(layer.layer.weightName)/corrected-bias")
      result.patch.weights[name] = .dense(change.bias)
      var changed = change.node
      changed.inputs[change.input] = name
      result.patch.replacements[changed.name] = [changed]
    }
    return result
  }

  /// (W' - W) E[x] per output.
  private static func shift(
    _ before: WeightMatrix, _ after: WeightMatrix, _ inputs: LayerInputStatistics
  ) -> [Double] {
    let rowsPerGroup = max(1, before.rows / inputs.groups)
    return (0..<before.rows).map { row in
      let mean = row / rowsPerGroup * inputs.inputs
      var sum = 0.0
      for column in 0..<before.columns {
        let place = row * before.columns + column
        sum += Double(after.values[place] - before.values[place]) * inputs.sums[mean + column]
      }
      return sum / Double(inputs.rows)
    }
  }

  /// The node that adds the bias, with room for it.
  private struct Change {
    var node: Node
    let input: Int
    let bias: Tensor

    init?(_ layer: Layer, node: Node, shift: [Double], nodes: [String: Node], in graph: Graph) {
      var old = [Float](repeating: 0, count: shift.count)
      var factor = 1.0
      var shape = Shape(known: [shift.count])
      if let name = layer.biasName {
        guard let tensor = graph.initializers[name]?.tensor, tensor.count == shift.count else { return nil }
        old = tensor.floats
        shape = tensor.shape
      }
      switch layer.form {
      case .matMul:
        // Without a bias there is nothing that could take the correction.
        guard let name = layer.biasName, let add = layer.biasNode.flatMap({ nodes[$0] }),
          let place = add.inputs.firstIndex(of: name)
        else { return nil }
        (self.node, input) = (add, place)
      case .gemm, .conv:
        guard layer.biasName != nil || node.input(2) == nil else { return nil }
        if layer.form == .gemm {
          let beta = Double(node.float("beta") ?? 1)
          guard beta != 0 else { return nil }
          factor = Double(node.float("alpha") ?? 1) / beta
        }
        var wide = node
        wide.inputs = Array((node.inputs + [""]).prefix(3))
        (self.node, input) = (wide, 2)
      }
      bias = Tensor(shape: shape, of: Float.self) { values in
        for index in values.indices { values[index] = Float(Double(old[index]) - factor * shift[index]) }
      }
    }
  }
}
