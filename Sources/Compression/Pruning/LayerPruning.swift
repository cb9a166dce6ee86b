import GraphIR

/// One layer's unstructured pruning, once it is known how many weights go.
struct LayerPruning: Sendable {
  let layer: Layer
  let criterion: PruningCriterion
  let pattern: PruningPattern
  /// Weights to remove.
  let count: Int
  /// What the layer reads on calibration data; nil where that is not known or not asked for.
  let inputs: LayerInputStatistics?
  /// Called now and then with the share done; throws to stop the work.
  var step: @Sendable (Double) throws -> Void = { _ in }

  /// The criterion that is carried out: magnitude stands in for one that does not judge single weights, or that has
  /// nothing to go by.
  var effective: PruningCriterion {
    guard let weights = criterion.weights, !weights.isMagnitude, !weights.needsInputs || inputs != nil else {
      return .magnitude
    }
    return criterion
  }

  /// What there is to say of a criterion that does not judge single weights.
  var remark: String? {
    criterion.weights == nil ? "\(criterion.label) judges channels: its weights are judged by magnitude" : nil
  }

  /// Which weights may stay.
  var selection: PatternSelection {
    PatternSelection(rows: layer.outputs, columns: layer.inputs, pattern: pattern)
  }

  /// - Throws: what the criterion throws, or `step`.
  func pruned(_ weight: Weight) throws -> Weight {
    var matrix = WeightMatrix(weight, layer: layer)
    let judgement = effective.weights ?? .magnitude
    let keep = try judgement.keep(&matrix, self)
    let stored = WeightMatrix.stored(keep, rows: matrix.rows, columns: matrix.columns, layer: layer)
    // Codes have no place for updated values.
    if case .quantized = weight { return try weight.masked(by: stored) }
    for index in keep.indices where !keep[index] { matrix.values[index] = 0 }
    return try weight.replacing(with: matrix.stored(for: layer))
  }
}

/// For criteria that look at what the layer reads.
extension LayerPruning {
  /// - Throws: `CompressionError.unobservedActivation` where a criterion asks for it without saying so beforehand.
  func statistics() throws -> LayerInputStatistics {
    guard let inputs else { throw CompressionError.unobservedActivation(value: layer.input) }
    return inputs
  }

  /// Prunes by a method that makes up for what goes, each group of a convolution by itself.
  /// - Parameter prune: prunes so many weights of one group, given the Hessian of what it reads; returns which stay.
  func reconstruct(
    _ matrix: inout WeightMatrix,
    _ prune: (inout WeightMatrix, LayerHessian, Int, (Double) throws -> Void) throws -> [Bool]
  ) throws -> [Bool] {
    let inputs = try statistics()
    let groups = inputs.groups
    let (rows, columns) = (matrix.rows / groups, matrix.columns)
    var keep: [Bool] = []
    for group in 0..<groups {
      let hessian = try LayerHessian(
        gram: Array(inputs.gram(ofGroup: group)), size: columns, layer: layer.name)
      let place = group * rows * columns..<(group + 1) * rows * columns
      var part = WeightMatrix(rows: rows, columns: columns, values: Array(matrix.values[place]))
      let share = count * (group + 1) / groups - count * group / groups
      keep += try prune(&part, hessian, share) { try step((Double(group) + $0) / Double(groups)) }
      matrix.values.replaceSubrange(place, with: part.values)
    }
    return keep
  }
}
