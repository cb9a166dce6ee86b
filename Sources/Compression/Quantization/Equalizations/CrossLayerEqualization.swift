import GraphIR
import Recipes
import TensorCore

extension Equalization {
  package static let crossLayer = Equalization(
    "cross-layer",
    MethodNote(
      "Evens out the ranges of a layer's outputs and of the weights that read them.",
      needs: .condition("layers behind each other with at most a Relu or pool between"),
      source: "Nagel et al. 2019, arXiv:1906.04721"),
    pass: CrossLayerEqualization())
}

/// Evens out the ranges of a layer's outputs against the weights that read them, which a scale per tensor needs.
///
/// Between two layers with nothing but a positively homogeneous function in between, channel i of the first is divided and
/// of the second multiplied by s = sqrt(r1 / r2), where r are the channel's largest weights on both sides, so that both
/// become sqrt(r1 r2) and the network computes the same. Over chains, depthwise layers among them, it is repeated until
/// factors are within 0.1 % of one. Nagel et al. 2019, arXiv:1906.04721, section 4.1.
struct CrossLayerEqualization: CompressionPass {
  let label = "cross-layer equalization"

  private struct Pair {
    let source: ScaleSource
    let first: TrackedLayer
    let second: TrackedLayer
    let channels: InputChannels
  }

  func run(_ context: PassContext) throws -> PassResult {
    var patch = ScalePatch(context, label: label)
    let wanted = context.layers.filter { $0.settings.hasCodes && $0.settings.equalization == .crossLayer }
    guard !wanted.isEmpty else { return patch.result }
    let pairs = pairs(wanted, context)
    let touched = Set(pairs.flatMap { [$0.first.layer.name, $0.second.layer.name] })
    for layer in wanted where !touched.contains(layer.layer.name) {
      patch.remark(
        layer, "no neighbour to equalize with: only layers behind each other, at most a Relu between")
    }
    for _ in 0..<20 {
      try Task.checkCancellation()
      var largest: Float = 1
      for pair in pairs { largest = max(largest, try equalize(pair, &patch)) }
      if largest < 1.001 { break }
    }
    return patch.result
  }

  private func pairs(_ wanted: [TrackedLayer], _ context: PassContext) -> [Pair] {
    let consumers = context.graph.consumers
    let names = Set(wanted.map(\.layer.name))
    return wanted.compactMap { second in
      let all = InputChannels(second.layer)
      guard consumers[second.layer.input]?.count == 1, !second.layer.readsTransposed,
        let source = ScaleSource(
          of: second.layer.input, channels: all.count, isImage: second.layer.form == .conv, in: context,
          consumers: consumers),
        case .layer(let first) = source.origin, names.contains(first.layer.name)
      else { return nil }
      return Pair(
        source: source, first: first, second: second,
        channels: InputChannels(second.layer, flattened: source.flattened))
    }
  }

  /// - Returns: how far the largest factor is from one, as a ratio above one.
  private func equalize(_ pair: Pair, _ patch: inout ScalePatch) throws -> Float {
    guard let first = patch.matrix(of: pair.first), var second = patch.matrix(of: pair.second),
      first.rows == pair.channels.count
    else { return 1 }
    let factors = zip(first.largestOfRows, pair.channels.largest(second)).map { out, into -> Float in
      guard out > 0, into > 0 else { return 1 }
      let factor = (out / into).squareRoot()
      // A channel that hardly counts on one side would blow up on the other.
      return min(max(factor, 1e-4), 1e4)
    }
    let change = factors.reduce(1) { max($0, max($1, 1 / $1)) }
    guard change >= 1.001, try patch.divide(pair.source, by: factors) else { return 1 }
    pair.channels.scale(&second, by: factors)
    try patch.set(second, of: pair.second, factors: factors)
    return change
  }
}
