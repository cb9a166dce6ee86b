import Recipes

extension PruningCriterion {
  /// Relative importance and activations.
  package static let relativeImportance = PruningCriterion(
    "ria",
    MethodNote(
      "Weights go that are the least part of what enters and leaves a neuron, times the root of what they read.",
      needs: .calibrationData, source: "Zhang et al. 2024, ICLR, openreview.net/forum?id=Tr0lPx9woF"),
    weights: WeightJudgement(needsInputs: true) { matrix, pruning in
      let scores = RelativeImportance.scores(of: matrix, reading: try pruning.statistics())
      return pruning.selection.keep(scores, removing: pruning.count, perRow: false)
    })
}

/// A weight's share of its output's magnitudes plus its share of its input's, times the root of the norm of that input, lest
/// a neuron lose all that it reads or gives. The groups of a convolution read inputs of their own.
private enum RelativeImportance {
  /// [rows, columns], none negative.
  static func scores(of matrix: WeightMatrix, reading inputs: LayerInputStatistics) -> [Float] {
    let (rows, columns) = (matrix.rows / inputs.groups, matrix.columns)
    // The root of each norm, the power that the paper settles on.
    let factors = inputs.squaredNorms.map { $0.squareRoot().squareRoot() }
    var outputs = [Double](repeating: 0, count: matrix.rows)
    var entries = [Double](repeating: 0, count: inputs.groups * columns)
    for row in 0..<matrix.rows {
      let group = row / rows * columns
      for column in 0..<columns {
        let magnitude = Double(matrix.values[row * columns + column].magnitude)
        outputs[row] += magnitude
        entries[group + column] += magnitude
      }
    }
    func inverse(_ sum: Double) -> Double { sum > 0 ? 1 / sum : 0 }
    let (outputShares, entryShares) = (outputs.map(inverse), entries.map(inverse))
    return matrix.values.indices.map { place in
      let (row, column) = (place / columns, place % columns)
      let entry = row / rows * columns + column
      let share = outputShares[row] + entryShares[entry]
      return Float(Double(matrix.values[place].magnitude) * share * factors[entry])
    }
  }
}
