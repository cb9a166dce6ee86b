import GraphIR
import TensorCore

/// Folds a BatchNormalization into the layer in front of it, whose codes then stand for what is really computed.
///
/// W' = W g / sqrt(v + e) and b' = (b - m) g / sqrt(v + e) + B per output, as in Jacob et al. 2018, arXiv:1712.05877,
/// section 3.2; the node disappears.
struct NormalizationFolding: CompressionPass {
  let label = "batch-norm folding"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult(context)
    let consumers = context.graph.consumers
    let outputs = Set(context.graph.outputs.map(\.name))
    let nodes = Dictionary(
      context.graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for layer in context.layers where layer.settings.batchNorm == .folded && layer.layer.sharedWith.isEmpty {
      guard layer.settings.hasCodes else { continue }
      guard layer.layer.form != .matMul,
        var node = nodes[layer.layer.name], !outputs.contains(layer.layer.output),
        let readers = consumers[layer.layer.output], readers.count == 1,
        let weight = context.weight(of: layer), case .dense = weight,
        let fold = Fold(context.graph.nodes[readers[0]], layer: layer.layer, node: node, in: context.graph)
      else {
        result.remark(layer, "no batch normalization that could be folded stands right behind it: no effect")
        continue
      }
      var matrix = WeightMatrix(weight, layer: layer.layer)
      matrix.scaleRows(by: fold.factors)
      let bias = result.builder.add(
        try Tensor(shape: Shape(known: [fold.bias.count]), fold.bias),
        "\(layer.layer.weightName)/folded-bias")
      node.inputs = Array((node.inputs + ["", ""]).prefix(2)) + [bias]
      node.outputs[0] = context.graph.nodes[readers[0]].outputs[0]
      result.builder.replace(node.name, with: [node])
      result.builder.remove(context.graph.nodes[readers[0]].name)
      result.set(
        try weight.replacing(with: matrix.stored(for: layer.layer)), named: layer.layer.weightName,
        state: layer.state.after(.scaled(digest(fold.factors + fold.bias))))
    }
    return result
  }

  private struct Fold {
    let factors: [Float]
    let bias: [Float]

    init?(_ normalization: Node, layer: Layer, node: Node, in graph: Graph) {
      guard normalization.kind == "BatchNormalization", (normalization.int("training_mode") ?? 0) == 0,
        node.float("beta") ?? 1 == 1, normalization.outputs.count == 1
      else { return nil }
      var constants: [[Double]] = []
      for index in 1...4 {
        guard let values = normalization.input(index).flatMap({ graph.initializers[$0]?.tensor.floats }),
          values.count == layer.outputs
        else { return nil }
        constants.append(values.map(Double.init))
      }
      var before = [Double](repeating: 0, count: layer.outputs)
      if node.input(2) != nil {
        guard let values = layer.biasRow(in: graph) else { return nil }
        before = values.map(Double.init)
      }
      let epsilon = Double(normalization.float("epsilon") ?? 1e-5)
      let ratios = zip(constants[0], constants[3]).map { $0 / ($1 + epsilon).squareRoot() }
      factors = ratios.map { Float($0) }
      bias = before.indices.map { Float((before[$0] - constants[2][$0]) * ratios[$0] + constants[1][$0]) }
      guard (factors + bias).allSatisfy(\.isFinite) else { return nil }
    }
  }
}
