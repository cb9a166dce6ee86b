import GraphIR
import TensorCore

/// What a rounding method that looks at a layer's inputs is given.
struct RoundingProblem {
  /// One row per output.
  let weights: [Float]
  let rows: Int
  let columns: Int
  /// Of a grouped convolution, whose rows are cut into as many runs that read inputs of their own.
  let groups: Int
  /// X^T X of each group, [groups, columns, columns].
  let gram: [Float]
  let scheme: CodeScheme
  /// For messages.
  let layer: String

  /// The squared error of the layer's output over the calibration data, tr(D H D^T) with D = weights - values.
  func outputError(_ values: [Float]) -> Double { rowErrors(values).reduce(0, +) }

  /// Each output's part of `outputError`.
  func rowErrors(_ values: [Float]) -> [Double] {
    let perGroup = rows / groups
    let area = columns * columns
    return (0..<groups).flatMap { group in
      let range = group * perGroup * columns..<(group + 1) * perGroup * columns
      let difference = range.map { weights[$0] - values[$0] }
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

  /// The Gram matrix of a group with its diagonal raised by 1 % of its mean, as for GPTQ: what the data say nothing of
  /// is not for free.
  func raisedGram(_ group: Int) -> [Float] {
    let area = columns * columns
    var matrix = Array(gram[group * area..<(group + 1) * area])
    let places = stride(from: 0, to: area, by: columns + 1)
    let mean = places.reduce(0.0) { $0 + Double(matrix[$1]) } / Double(max(1, columns))
    for place in places { matrix[place] += Float(LayerHessian.damping * mean) }
    return matrix
  }
}
