import GraphIR
import TensorCore

/// Takes the mean error that quantized weights make in a layer's output out of its bias.
///
/// b' = b - (W' - W) E[x], with the inputs' means over the calibration data as the unquantized model has them: the
/// empirical form of Nagel et al. 2019, arXiv:1906.04721, section 4.2.
struct BiasCorrection: CompressionPass {
  let label = "bias correction"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult(context)
    let wanted = context.layers.filter { $0.settings.hasCodes && $0.settings.bias == .corrected }
    guard !wanted.isEmpty else { return result }
    guard context.activations != nil else {
      for layer in wanted { result.remark(layer, "bias correction needs calibration data: no effect") }
      return result
    }
    let statistics = try context.inputStatistics(for: wanted, needs: [])
    let nodes = Dictionary(
      context.graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for layer in wanted {
      try Task.checkCancellation()
      guard let inputs = statistics[layer.layer.name], inputs.rows > 0,
        let before = context.unquantized.graph.initializers[layer.layer.weightName],
        let after = context.weight(of: layer), let node = nodes[layer.layer.name]
      else { continue }
      let shift = BiasCorrection.shift(
        WeightMatrix(before, layer: layer.layer), WeightMatrix(after, layer: layer.layer), inputs)
      guard let place = BiasPlace(layer.layer, node: node, nodes: nodes, in: context.graph) else {
        result.remark(layer, "no bias of its own to correct")
        continue
      }
      let name = result.builder.add(
        place.bias(without: shift), "\(layer.layer.weightName)/corrected-bias")
      let changed = place.node(reading: name)
      result.builder.replace(changed.name, with: [changed])
    }
    return result
  }

  /// (W' - W) E[x] per output, before any factor that a Gemm has.
  static func shift(
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
}
