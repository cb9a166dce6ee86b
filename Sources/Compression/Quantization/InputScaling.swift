import Foundation
import GraphIR
import TensorCore

/// Moves difficulty between what layers read and their weights: channel j of the input is divided by s, and the weights
/// that read it are multiplied by s. The network computes the same, but is quantized with less error.
///
/// - SmoothQuant (Xiao et al. 2023, arXiv:2211.10438): s = max|X_j|^a / max|W_j|^(1 - a) with a = 0.5, so that outliers
///   of activations become weights.
/// - AWQ (Lin et al. 2024, arXiv:2306.00978): s = mean|X_j|^a, a of 0, 0.05, ..., 1 with the least error of the layers'
///   outputs once the weights are rounded, so that the weights that count most are rounded most finely.
///
/// The division goes into the layer or normalization in front where that has no other reader, else into a Mul.
struct InputScaling: CompressionPass {
  let label = "input scaling"

  func run(_ context: PassContext) throws -> PassResult {
    var patch = ScalePatch(context, label: label)
    let wanted = context.layers.filter {
      $0.settings.isScaled(by: .smoothQuant) || $0.settings.isScaled(by: .awq)
    }
    guard !wanted.isEmpty else { return patch.result }
    guard context.activations != nil else {
      for layer in wanted {
        patch.remark(layer, "\(layer.settings.scaling.label) needs calibration data: no effect")
      }
      return patch.result
    }
    let needsGram = wanted.contains { $0.settings.scaling == .awq }
    let statistics = try context.inputStatistics(for: wanted, needs: needsGram ? .gram : [])
    let consumers = context.graph.consumers
    var groups: [(key: String, layers: [TrackedLayer])] = []
    for layer in wanted where statistics[layer.layer.name] != nil && patch.matrix(of: layer) != nil {
      let key = layer.layer.input
      if let index = groups.firstIndex(where: {
        $0.key == key && $0.layers[0].settings.scaling == layer.settings.scaling
          && InputChannels($0.layers[0].layer).count == InputChannels(layer.layer).count
      }) {
        groups[index].layers.append(layer)
      } else {
        groups.append((key, [layer]))
      }
    }
    for (index, group) in groups.enumerated() {
      try Task.checkCancellation()
      context.report(group.layers[0].settings.scaling.label, group.layers[0], index, groups.count)
      try scale(group.layers, value: group.key, statistics, context, consumers, &patch)
    }
    return patch.result
  }

  private func scale(
    _ layers: [TrackedLayer], value: String, _ statistics: [String: LayerInputStatistics],
    _ context: PassContext, _ consumers: [String: [Int]], _ patch: inout ScalePatch
  ) throws {
    let members = layers.compactMap { layer -> Member? in
      guard let matrix = patch.matrix(of: layer), let seen = statistics[layer.layer.name] else { return nil }
      return Member(layer: layer, matrix: matrix, inputs: seen, channels: InputChannels(layer.layer))
    }
    guard let first = members.first, members.count == layers.count else { return }
    let isAWQ = first.layer.settings.scaling == .awq
    let factors = isAWQ ? try leastError(members) : smooth(members)
    guard factors.contains(where: { $0 != 1 }) else { return }

    let readers = (consumers[value] ?? []).map { context.graph.nodes[$0] }
    let names = Set(layers.map(\.layer.name))
    let isImage = first.layer.layer.form == .conv
    var isFolded = false
    if readers.allSatisfy({ names.contains($0.name) }),
      let source = ScaleSource(
        of: value, channels: factors.count, isImage: isImage, in: context, consumers: consumers),
      // Behind a Flatten every place of a channel would need the same factor.
      source.flattened == 1
    {
      isFolded = try patch.divide(source, by: factors)
    }
    if !isFolded {
      let spatial = isImage ? Array(repeating: 1, count: first.layer.layer.shape.rank - 2) : nil
      let nodes = readers.filter { names.contains($0.name) }
      patch.insertDivision(of: value, by: factors, isImage: spatial, before: nodes)
    }
    for member in members {
      // A layer that takes the division in may itself be one that reads a scaled input.
      guard var matrix = patch.matrix(of: member.layer) else { continue }
      member.channels.scale(&matrix, by: factors)
      try patch.set(matrix, of: member.layer, factors: factors)
    }
  }

  private struct Member {
    let layer: TrackedLayer
    let matrix: WeightMatrix
    let inputs: LayerInputStatistics
    let channels: InputChannels
  }

  private func smooth(_ members: [Member]) -> [Float] {
    var weights = members[0].channels.largest(members[0].matrix)
    for member in members.dropFirst() {
      weights = zip(weights, member.channels.largest(member.matrix)).map(max)
    }
    let inputs = members[0].channels.combined(members[0].inputs.largest, 0, max)
    return zip(inputs, weights).map { input, weight in
      input > 0 && weight > 0 ? min(max((input / weight).squareRoot(), 1e-5), 1e5) : 1
    }
  }

  private func leastError(_ members: [Member]) throws -> [Float] {
    let seen = members[0].inputs
    let magnitudes = members[0].channels.combined(seen.magnitudes, 0, +).map { Float($0 / Double(seen.rows)) }
    var best = [Float](repeating: 1, count: magnitudes.count)
    var least = try error(members, factors: best)
    for step in 1...20 {
      try Task.checkCancellation()
      let powers = magnitudes.map { pow(max($0, 1e-4), Float(step) / 20) }
      let middle = ((powers.max() ?? 1) * (powers.min() ?? 1)).squareRoot()
      let factors = powers.map { $0 / middle }
      let found = try error(members, factors: factors)
      if found < least { (least, best) = (found, factors) }
    }
    return best
  }

  /// The squared error of the layers' outputs where weights are scaled, rounded and scaled back.
  private func error(_ members: [Member], factors: [Float]) throws -> Double {
    let inverse = factors.map { 1 / $0 }
    return members.reduce(0) { sum, member in
      guard case .quantized(let bits) = member.layer.settings.weights, !member.inputs.gram.isEmpty else {
        return sum
      }
      let quantizer = WeightQuantizer(
        scheme: CodeScheme(bits: bits, method: member.layer.settings.quantization))
      var scaled = member.matrix
      member.channels.scale(&scaled, by: factors)
      var rounded = WeightMatrix(
        rows: scaled.rows, columns: scaled.columns,
        values: scaled.values.withUnsafeBufferPointer {
          quantizer.matrix($0, rows: scaled.rows, columns: scaled.columns).values
        })
      member.channels.scale(&rounded, by: inverse)
      let problem = RoundingProblem(
        weights: member.matrix.values, rows: scaled.rows, columns: scaled.columns,
        groups: member.inputs.groups, gram: member.inputs.gram, scheme: quantizer.scheme,
        layer: member.layer.origin)
      return sum + problem.outputError(rounded.values)
    }
  }
}
