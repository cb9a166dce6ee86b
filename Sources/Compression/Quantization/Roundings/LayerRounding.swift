import GraphIR
import TensorCore

/// What a rounding method that looks at a layer's inputs is given.
struct RoundingProblem {
  /// One row per output.
  let weights: [Float]
  let rows: Int
  let columns: Int
  /// The groups of a grouped convolution: its rows are cut into as many runs, each of which reads inputs of its own.
  let groups: Int
  /// X^T X of each group, [groups, columns, columns].
  let gram: [Float]
  let scheme: CodeScheme
  /// What is added to the diagonal of a Gram matrix that is inverted, as a share of its mean.
  let damping: Double
  /// For messages.
  let layer: String
  /// What the codes approximate, laid out as `weights` are: the weights themselves, or weights that make up for the
  /// rounding of the layers in front.
  var targets: [Float]
  /// The rows behind the targets; nil where the layers in front are not looked at.
  var reconstruction: Reconstruction?

  init(
    weights: [Float], rows: Int, columns: Int, groups: Int, gram: [Float], scheme: CodeScheme,
    damping: Double = LayerHessian.damping, layer: String
  ) {
    self.weights = weights
    self.rows = rows
    self.columns = columns
    self.groups = groups
    self.gram = gram
    self.scheme = scheme
    self.damping = damping
    self.layer = layer
    targets = weights
  }

  /// With the layers in front rounded.
  /// - Throws: `CompressionError.indefiniteHessian`.
  func behind(_ reconstruction: Reconstruction) throws -> RoundingProblem {
    let grams = (0..<groups).flatMap {
      reconstruction.products(reconstruction.rounded, reconstruction.rounded, group: $0)
    }
    var problem = RoundingProblem(
      weights: weights, rows: rows, columns: columns, groups: groups, gram: grams, scheme: scheme,
      damping: damping, layer: layer)
    let (perGroup, width) = (rows / groups, rows / groups * columns)
    problem.targets = try (0..<groups).flatMap { group in
      try reconstruction.targets(
        of: Array(weights[group * width..<(group + 1) * width]), rows: perGroup, group: group,
        damping: damping,
        layer: layer)
    }
    problem.reconstruction = reconstruction
    return problem
  }

  /// The squared error of the layer's output over the calibration data, tr(D H D^T) with D = targets - values.
  func outputError(_ values: [Float]) -> Double { rowErrors(values).reduce(0, +) }

  /// Each output's part of `outputError`.
  func rowErrors(_ values: [Float]) -> [Double] {
    let perGroup = rows / groups
    let area = columns * columns
    return (0..<groups).flatMap { group in
      let range = group * perGroup * columns..<(group + 1) * perGroup * columns
      let difference = range.map { targets[$0] - values[$0] }
      let slopes = DenseAlgebra.product(
        difference, Array(gram[group * area..<(group + 1) * area]), perGroup, columns, columns)
      return (0..<perGroup).map { row in
        var sum = 0.0
        for index in row * columns..<(row + 1) * columns {
          sum += Double(difference[index]) * Double(slopes[index])
        }
        return sum
      }
    }
  }

  /// The Gram matrix of a group with its diagonal raised as for GPTQ: what the data say nothing of is not for free.
  func raisedGram(_ group: Int) -> [Float] {
    let area = columns * columns
    var matrix = Array(gram[group * area..<(group + 1) * area])
    let places = stride(from: 0, to: area, by: columns + 1)
    let mean = places.reduce(0.0) { $0 + Double(matrix[$1]) } / Double(max(1, columns))
    for place in places { matrix[place] += Float(damping * mean) }
    return matrix
  }
}
