import GraphIR
import Recipes
import TensorCore

/// Moves difficulty between what layers read and their weights: channel j of the input is divided by s, and the weights
/// that read it are multiplied by s. The network computes the same, but is quantized with less error. The equalization
/// that is asked for says what s is.
///
/// The division goes into the layer or normalization in front where that has no other reader, else into a Mul.
struct InputScaling: CompressionPass {
  let label = "input scaling"

  func run(_ context: PassContext) throws -> PassResult {
    var patch = ScalePatch(context, label: label)
    let wanted = context.layers.filter { $0.settings.hasCodes && $0.settings.equalization.inputs != nil }
    guard !wanted.isEmpty else { return patch.result }
    guard context.activations != nil else {
      for layer in wanted {
        patch.remark(layer, "\(layer.settings.equalization.label) needs calibration data: no effect")
      }
      return patch.result
    }
    let needsGram = wanted.contains { $0.settings.equalization.inputs?.needsGram == true }
    let statistics = try context.inputStatistics(for: wanted, needs: needsGram ? .gram : [])
    let consumers = context.graph.consumers
    var groups: [(key: String, layers: [TrackedLayer])] = []
    for layer in wanted where statistics[layer.layer.name] != nil && patch.matrix(of: layer) != nil {
      let key = layer.layer.input
      if let index = groups.firstIndex(where: {
        $0.key == key && $0.layers[0].settings.equalization == layer.settings.equalization
          && InputChannels($0.layers[0].layer).count == InputChannels(layer.layer).count
          && $0.layers[0].layer.axesBehindChannels == layer.layer.axesBehindChannels
      }) {
        groups[index].layers.append(layer)
      } else {
        groups.append((key, [layer]))
      }
    }
    for (index, group) in groups.enumerated() {
      try Task.checkCancellation()
      context.report(group.layers[0].settings.equalization.label, group.layers[0], index, groups.count)
      try scale(group.layers, value: group.key, statistics, context, consumers, &patch)
    }
    return patch.result
  }

  private func scale(
    _ layers: [TrackedLayer], value: String, _ statistics: [String: LayerInputStatistics],
    _ context: PassContext, _ consumers: [String: [Int]], _ patch: inout ScalePatch
  ) throws {
    let members = layers.compactMap { layer -> ScaledReader? in
      guard let matrix = patch.matrix(of: layer), let seen = statistics[layer.layer.name] else { return nil }
      return ScaledReader(layer: layer, matrix: matrix, inputs: seen, channels: InputChannels(layer.layer))
    }
    guard let first = members.first, members.count == layers.count,
      let factors = try first.layer.settings.equalization.inputs?.factors(members)
    else { return }
    guard factors.contains(where: { $0 != 1 }) else { return }

    let readers = (consumers[value] ?? []).map { context.graph.nodes[$0] }
    let names = Set(layers.map(\.layer.name))
    let isImage = first.layer.layer.form == .conv
    var isFolded = false
    if readers.allSatisfy({ names.contains($0.name) }), !first.layer.layer.readsTransposed,
      let source = ScaleSource(
        of: value, channels: factors.count, isImage: isImage, in: context, consumers: consumers),
      // Behind a Flatten every place of a channel would need the same factor.
      source.flattened == 1
    {
      isFolded = try patch.divide(source, by: factors)
    }
    if !isFolded {
      let nodes = readers.filter { names.contains($0.name) }
      patch.insertDivision(
        of: value, by: factors, behind: first.layer.layer.axesBehindChannels, before: nodes)
    }
    for member in members {
      // A layer that takes the division in may itself be one that reads a scaled input.
      guard var matrix = patch.matrix(of: member.layer) else { continue }
      member.channels.scale(&matrix, by: factors)
      try patch.set(matrix, of: member.layer, factors: factors)
    }
  }
}
