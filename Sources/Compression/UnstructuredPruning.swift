import GraphIR
import TensorCore

/// Zeroes the weights of smallest magnitude (Han et al. 2015, arXiv:1506.02626), exactly `round(ratio * count)` of them.
///
/// With a global threshold, all layers of the same ratio are compared with each other; otherwise each layer (each
/// factor of a pair) loses its own share. Equal magnitudes go in order of layer and index.
struct UnstructuredPruning: CompressionPass {
  let label = "unstructured pruning"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult()
    var groups: [Double: [TrackedLayer]] = [:]
    for layer in context.layersByWeight where layer.settings.prune > 0 {
      guard layer.settings.pruning != .structured else { continue }
      if layer.settings.weights == .quantized(.binary) {
        result.remark(layer, "1-bit weights have no zero: pruning has no effect here")
      } else if layer.settings.pruning == .magnitudeGlobal {
        groups[layer.settings.prune, default: []].append(layer)
      } else {
        try prune([layer], context, &result)
      }
    }
    for (_, layers) in groups.sorted(by: { $0.key < $1.key }) { try prune(layers, context, &result) }
    return result
  }

  private func prune(_ layers: [TrackedLayer], _ context: PassContext, _ result: inout PassResult) throws {
    try checkCancellation()
    guard let ratio = layers.first?.settings.prune else { return }
    let weights = layers.compactMap { context.weight(of: $0) }
    guard weights.count == layers.count else { return }
    let total = weights.reduce(0) { $0 + $1.shape.count }
    let count = Int((ratio * Double(total)).rounded())
    guard count > 0 else {
      for layer in layers { result.remark(layer, "\(total) weights are too few to prune any at this ratio") }
      return
    }
    let key = MagnitudeThreshold.Key(states: layers.map(\.state), count: count)
    let threshold = context.caches.thresholds.value(for: key) {
      MagnitudeThreshold(selecting: count, of: weights.count) { index, body in weights[index].withFloats(body)
      }
    }
    for (index, layer) in layers.enumerated() {
      try checkCancellation()
      let state = layer.state.after(.pruned(bits: threshold.bits, ties: threshold.ties[index]))
      let pruned = try context.caches.weights.value(for: state) {
        try UnstructuredPruning.masked(weights[index], by: threshold, array: index)
      }
      result.set(pruned, named: layer.layer.weightName, state: state)
      if layers.count > 1,
        context.caches.measure(pruned, state).nonzeros
          == context.caches.measure(weights[index], layer.state).nonzeros
      {
        result.remark(layer, "all its weights are above the global threshold: none is pruned here")
      }
    }
  }

  /// The weight with the selected elements zero, in the type it had.
  private static func masked(_ weight: Weight, by threshold: MagnitudeThreshold, array: Int) throws -> Weight
  {
    switch weight {
    case .quantized(let tensor):
      var codes = tensor.codes
      let values = tensor.dequantized()
      let channels = tensor.scales.count
      let inner = tensor.axis.map { tensor.shape.dimensions[($0 + 1)...].reduce(1, *) } ?? tensor.shape.count
      try values.withElements(of: Float.self) { values in
        threshold.forEachSelected(in: values, array: array) { index in
          let zero = tensor.zeroPoints.isEmpty ? 0 : tensor.zeroPoints[index / inner % channels]
          // A binary code has no zero to go to.
          if tensor.bits != .binary { codes[index] = Int8(truncatingIfNeeded: zero) }
        }
      }
      return .quantized(
        try QuantizedTensor(
          shape: tensor.shape, bits: tensor.bits, axis: tensor.axis, scales: tensor.scales,
          zeroPoints: tensor.zeroPoints, codes: codes))
    case .dense(let tensor):
      return weight.withFloats { values in
        let masked = Tensor(shape: tensor.shape, of: Float.self) { kept in
          _ = kept.update(from: values)
          threshold.forEachSelected(in: values, array: array) { kept[$0] = 0 }
        }
        guard tensor.dataType == .float16 else { return .dense(masked) }
        return .dense(HalfPrecision.converted(masked))
      }
    }
  }
}
