import Foundation
import Recipes

extension Equalization {
  /// s = mean|X_j|^a, a of 0, 0.05, ..., 1 with the least error of the layers' outputs once the weights are rounded, so
  /// that the weights that count most are rounded most finely; the search for clipping ranges is the method's second half.
  package static let awq = Equalization(
    "awq",
    MethodNote(
      "Scales up the weights of large inputs and clips ranges, as far as changes the layer's output least.",
      needs: .calibrationData, source: "Lin et al. 2024, arXiv:2306.00978", isHeavy: true),
    inputs: InputFactors(needsGram: true, factors: leastErrorFactors), searchesClips: true)

  private static func leastErrorFactors(_ readers: [ScaledReader]) throws -> [Float] {
    let seen = readers[0].inputs
    let magnitudes = readers[0].channels.combined(seen.magnitudes, 0, +).map { Float($0 / Double(seen.rows)) }
    var best = [Float](repeating: 1, count: magnitudes.count)
    var least = try outputError(readers, factors: best)
    for step in 1...20 {
      try Task.checkCancellation()
      let powers = magnitudes.map { pow(max($0, 1e-4), Float(step) / 20) }
      let middle = ((powers.max() ?? 1) * (powers.min() ?? 1)).squareRoot()
      let factors = powers.map { $0 / middle }
      let found = try outputError(readers, factors: factors)
      if found < least { (least, best) = (found, factors) }
    }
    return best
  }

  /// The squared error of the layers' outputs where weights are scaled, rounded and scaled back.
  private static func outputError(_ readers: [ScaledReader], factors: [Float]) throws -> Double {
    let inverse = factors.map { 1 / $0 }
    return readers.reduce(0) { sum, reader in
      guard let scheme = reader.layer.settings.scheme, !reader.inputs.gram.isEmpty else { return sum }
      let quantizer = WeightQuantizer(scheme: scheme)
      var scaled = reader.matrix
      reader.channels.scale(&scaled, by: factors)
      var rounded = WeightMatrix(
        rows: scaled.rows, columns: scaled.columns,
        values: scaled.values.withUnsafeBufferPointer {
          quantizer.matrix($0, rows: scaled.rows, columns: scaled.columns).values
        })
      reader.channels.scale(&rounded, by: inverse)
      let problem = RoundingProblem(
        weights: reader.matrix.values, rows: scaled.rows, columns: scaled.columns,
        groups: reader.inputs.groups, gram: reader.inputs.gram, scheme: scheme, layer: reader.layer.origin)
      return sum + problem.outputError(rounded.values)
    }
  }
}
