import GraphIR
import TensorCore

/// One layer's unstructured pruning, once it is known how many weights go.
struct LayerPruner {
  let layer: Layer
  let method: PruningMethod
  let pattern: PruningPattern
  let count: Int

  /// The method that is carried out: magnitude stands in for one that has nothing to go by.
  func effective(with inputs: LayerInputStatistics?) -> PruningMethod {
    switch method {
    case .random: .random
    case .wanda, .brainSurgeon, .sparseGPT: inputs == nil ? .magnitude : method
    case .magnitude, .l1, .geometricMedian, .batchNorm, .activation, .variance: .magnitude
    }
  }

  /// What there is to say of a criterion that does not judge single weights.
  var remark: String? {
    switch method {
    case .geometricMedian, .batchNorm, .activation, .variance:
      "\(method.rawValue) judges channels: its weights are judged by magnitude"
    case .magnitude, .l1, .wanda, .brainSurgeon, .sparseGPT, .random: nil
    }
  }

  /// - Parameter step: called now and then with the share done.
  func pruned(_ weight: Weight, inputs: LayerInputStatistics?, step: (Double) throws -> Void) throws -> Weight
  {
    var matrix = WeightMatrix(weight, layer: layer)
    let keep: [Bool]
    switch (effective(with: inputs), inputs) {
    case (.sparseGPT, let inputs?), (.brainSurgeon, let inputs?):
      keep = try reconstructed(&matrix, inputs, step: step)
    case (.wanda, let inputs?):
      keep = selection.keep(products(matrix, inputs), removing: count, perRow: true)
    case (.random, _): keep = selection.keep(random(matrix.values.count), removing: count, perRow: false)
    default: keep = selection.keep(matrix.values.map(\.magnitude), removing: count, perRow: false)
    }
    let stored = WeightMatrix.stored(keep, rows: matrix.rows, columns: matrix.columns, layer: layer)
    // Codes have no place for updated values.
    if case .quantized = weight { return try weight.masked(by: stored) }
    for index in keep.indices where !keep[index] { matrix.values[index] = 0 }
    return try weight.replacing(with: matrix.stored(for: layer))
  }

  private var selection: PatternSelection {
    PatternSelection(rows: layer.outputs, columns: layer.inputs, pattern: pattern)
  }

  /// By one of the methods that make up for what goes, each group of a convolution by itself.
  private func reconstructed(
    _ matrix: inout WeightMatrix, _ inputs: LayerInputStatistics, step: (Double) throws -> Void
  ) throws -> [Bool] {
    let groups = inputs.groups
    let (rows, columns) = (matrix.rows / groups, matrix.columns)
    var keep: [Bool] = []
    for group in 0..<groups {
      let hessian = try LayerHessian(
        gram: Array(inputs.gram(ofGroup: group)), size: columns, layer: layer.name)
      let place = group * rows * columns..<(group + 1) * rows * columns
      var part = WeightMatrix(rows: rows, columns: columns, values: Array(matrix.values[place]))
      let share = count * (group + 1) / groups - count * group / groups
      let report = { (done: Double) in try step((Double(group) + done) / Double(groups)) }
      if method == .sparseGPT {
        keep += try SparseGPT(pattern: pattern, count: share).prune(
          &part, hessian: hessian, layer: layer.name, step: report)
      } else {
        keep += try OptimalBrainSurgeon(pattern: pattern, count: share).prune(
          &part, hessian: hessian, layer: layer.name, step: report)
      }
      matrix.values.replaceSubrange(place, with: part.values)
    }
    return keep
  }

  private func products(_ matrix: WeightMatrix, _ inputs: LayerInputStatistics) -> [Float] {
    let norms = inputs.squaredNorms.map { Float($0.squareRoot()) }
    let rows = matrix.rows / inputs.groups
    return matrix.values.indices.map { place in
      let group = place / matrix.columns / rows
      return matrix.values[place].magnitude * norms[group * matrix.columns + place % matrix.columns]
    }
  }

  /// The same for the same layer, and one draw whatever the count, so that more pruning keeps what less has removed.
  private func random(_ count: Int) -> [Float] {
    var generator = SeededGenerator(seed: StableHash.of(layer.weightName))
    return (0..<count).map { _ in Float(generator.next() >> 40) }
  }
}

extension PruningMethod {
  /// Whether single weights are judged by their magnitude alone, with nothing to remark.
  var isMagnitude: Bool { self == .magnitude || self == .l1 }
}
