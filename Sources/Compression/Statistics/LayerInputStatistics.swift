/// What is known of the values that a layer weighs, over the calibration data.
///
/// A layer's inputs are rows: what one output position sees. A Gemm's or MatMul's row is a row of its left operand; a
/// Conv's is the window under an output position, in the order of the weight, [IC/groups, KH, KW], zeros where padding
/// is. A grouped Conv's row has one such part per group, one behind the other, so that a row has `groups * inputs`
/// values. Of each sample at most `positionsPerSample` positions, evenly spread, become rows.
package struct LayerInputStatistics: Sendable {
  /// How many rows were seen.
  package let rows: Int
  /// Values that were read to make the rows; windows that overlap share them.
  package let elements: Int
  package let groups: Int
  /// Values that one output weighs: `Layer.inputs`.
  package let inputs: Int
  /// Per column, [groups, inputs].
  package let sums: [Double]
  /// Sum of magnitudes of each column, [groups, inputs].
  package let magnitudes: [Double]
  /// Squared L2 norm of each column, [groups, inputs].
  package let squaredNorms: [Double]
  /// Largest magnitude of each column, [groups, inputs].
  package let largest: [Float]
  /// X^T X, symmetric, [groups, inputs, inputs]; empty where it was not asked for or `inputs` is above `gramLimit`.
  package let gram: [Float]
  /// A random choice of rows, [sampleCount, groups, inputs]; empty where they were not asked for.
  package let samples: [Float]

  /// Rows that share no values: as many as the values read would fill, at most `rows`.
  package var independentRows: Int { min(rows, elements / max(1, groups * inputs)) }

  package var sampleCount: Int { groups * inputs == 0 ? 0 : samples.count / (groups * inputs) }

  /// Above so many inputs a Gram matrix is not made: 4608 take 85 MB.
  package static let gramLimit = 4608
  /// At most so many rows are kept.
  package static let sampleLimit = 2048
  package static let positionsPerSample = 128

  /// The Gram matrix of one group, [inputs, inputs].
  package func gram(ofGroup group: Int) -> ArraySlice<Float> {
    gram[group * inputs * inputs..<(group + 1) * inputs * inputs]
  }
}

extension LayerInputStatistics {
  /// Magnitudes of weights times the L2 norms of what they read, in the order of the matrix.
  func products(with matrix: WeightMatrix) -> [Float] {
    let norms = squaredNorms.map { Float($0.squareRoot()) }
    let rows = matrix.rows / groups
    return matrix.values.indices.map { place in
      let group = place / matrix.columns / rows
      return matrix.values[place].magnitude * norms[group * matrix.columns + place % matrix.columns]
    }
  }
}

/// What to gather beyond the sums over columns.
package struct LayerInputNeeds: OptionSet, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let gram = LayerInputNeeds(rawValue: 1)
  package static let samples = LayerInputNeeds(rawValue: 2)
}
