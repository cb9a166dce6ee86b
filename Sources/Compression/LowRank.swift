import GraphIR
import TensorCore

/// Replaces a layer by two of lower rank, from a truncated singular value decomposition.
///
/// Gemm and MatMul become two products; a Conv becomes one of the same window with `rank` filters and a 1x1 Conv
/// behind it (Zhang et al. 2016, doi:10.1109/TPAMI.2015.2502579). The nodes are NAME/rank0 and NAME/rank1; the bias
/// stays with the second. A layer where the pair would not hold fewer weights is left as it is.
struct LowRank: CompressionPass {
  let label = "low rank"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult()
    var names = NameTable(context.graph)
    var pairs: [String: (String, String)] = [:]
    let nodes = Dictionary(
      context.graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for tracked in context.layers where tracked.settings.rank < 1 {
      try checkCancellation()
      let layer = tracked.layer
      guard let weight = context.weight(of: tracked), let node = nodes[layer.name] else { continue }
      guard layer.groups == 1 else {
        result.remark(tracked, "a grouped convolution is not factorized: rank has no effect here")
        continue
      }
      let full = min(layer.outputs, layer.inputs)
      let rank = max(1, Int((tracked.settings.rank * Double(full)).rounded()))
      guard rank * (layer.outputs + layer.inputs) < layer.parameters else {
        result.remark(
          tracked, "rank \(rank) of \(full) saves nothing at \(layer.outputs)x\(layer.inputs)")
        continue
      }
      let pair =
        pairs[layer.weightName] ?? (
          names.fresh("\(layer.weightName)/rank0"), names.fresh("\(layer.weightName)/rank1")
        )
      if pairs.updateValue(pair, forKey: layer.weightName) == nil {
        let factors = try factors(tracked, weight: weight, rank: rank, caches: context.caches)
        result.set(factors.0.weight, named: pair.0, state: factors.0.state)
        result.set(factors.1.weight, named: pair.1, state: factors.1.state)
      }
      let replacement = LowRank.nodes(for: node, form: layer.form, weights: pair, names: &names)
      result.patch.replacements[node.name] = replacement
      for node in replacement { result.origins[node.name] = tracked.origin }
    }
    return result
  }

  private typealias Factor = (weight: Weight, state: LayerState)

  private func factors(
    _ tracked: TrackedLayer, weight: Weight, rank: Int, caches: LayerCaches
  ) throws -> (Factor, Factor) {
    let layer = tracked.layer
    let rows = layer.outputAxis == 0 ? layer.outputs : layer.inputs
    let columns = layer.parameters / rows
    let states = (0..<2).map { tracked.state.after(.factor(rank: rank, index: $0)) }
    if let first = caches.weights[states[0]], let second = caches.weights[states[1]] {
      return ((first, states[0]), (second, states[1]))
    }
    let full = try caches.factors.value(for: tracked.state) {
      try weight.withFloats { try Factorization($0, rows: rows, columns: columns, layer: tracked.origin) }
    }
    // Outputs along axis 0: W x = left (right x). Outputs along axis 1: x W = (x left) right.
    let window = layer.shape.dimensions.dropFirst(2)
    let leftShape = Shape(known: [rows, rank] + window.map { _ in 1 })
    let rightShape = Shape(
      known: [rank] + (layer.form == .conv ? layer.shape.dimensions.dropFirst() : [columns]))
    let left = Weight.dense(full.leftFactor(rank: rank, shape: leftShape))
    let right = Weight.dense(full.rightFactor(rank: rank, shape: rightShape))
    let ordered = layer.outputAxis == 0 ? [right, left] : [left, right]
    for (state, factor) in zip(states, ordered) { caches.weights[state] = factor }
    return ((ordered[0], states[0]), (ordered[1], states[1]))
  }

  private static func nodes(
    for node: Node, form: Layer.Form, weights: (String, String), names: inout NameTable
  ) -> [Node] {
    let middle = names.fresh("\(node.name)/rank0/output")
    var first = node
    first.name = names.fresh("\(node.name)/rank0")
    first.inputs = [node.inputs[0], weights.0]
    first.outputs = [middle]
    var second = node
    second.name = names.fresh("\(node.name)/rank1")
    second.inputs = [middle, weights.1] + node.inputs.dropFirst(2)
    switch form {
    case .matMul: break
    case .gemm:
      first.attributes["alpha"] = nil
      first.attributes["beta"] = nil
      second.attributes["transA"] = nil
    case .conv:
      // The window, its stride and its padding belong to the first; the second sees single positions.
      second.attributes = node.attributes.filter { $0.key == "group" }
    }
    return [first, second]
  }
}
