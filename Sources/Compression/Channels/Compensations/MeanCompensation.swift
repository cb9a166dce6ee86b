import GraphIR
import Recipes

extension Compensation {
  /// Exact for channels that are constant (and, in convolutions, away from padded borders).
  package static let mean = Compensation(
    "mean",
    MethodNote(
      "What removed channels gave on average goes into the biases of the layers behind.",
      needs: .calibrationData, source: "An et al. 2023, arXiv:2312.11983"),
    biases: \.meanResponses)
}

extension RemovedChannels {
  /// What the layers behind get of the removed channels on average, by layer: as many values as the layer has outputs,
  /// before any of those are removed.
  fileprivate var meanResponses: [String: [Float]] {
    var responses: [String: [Float]] = [:]
    for reader in analysis.readers {
      guard let tracked = layers[reader.layer], let weight = context.weight(of: tracked),
        let means = statistics[reader.value]?.means,
        let entries = analysis.keptEntries(reader.along.channels, kept: kept)
      else { continue }
      let stays = Set(entries)
      let gone = means.indices.filter { !stays.contains($0) }
      guard !gone.isEmpty else { continue }
      responses[reader.layer] = Self.response(of: weight, layer: tracked.layer, to: gone, means)
    }
    return responses
  }

  /// What each output of a layer gets from some inputs at their means.
  private static func response(
    of weight: Weight, layer: Layer, to inputs: [Int], _ means: [Double]
  ) -> [Float] {
    let matrix = WeightMatrix(weight, layer: layer)
    let window = layer.form == .conv ? layer.shape.dimensions.dropFirst(2).reduce(1, *) : 1
    return (0..<matrix.rows).map { row in
      var sum = 0.0
      for input in inputs {
        for place in input * window..<(input + 1) * window {
          sum += Double(matrix.values[row * matrix.columns + place]) * means[input]
        }
      }
      return Float(sum)
    }
  }
}
