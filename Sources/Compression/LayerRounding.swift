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
  func outputError(_ values: [Float]) -> Double {
    let perGroup = rows / groups
    let area = columns * columns
    return (0..<groups).reduce(0) { sum, group in
      let range = group * perGroup * columns..<(group + 1) * perGroup * columns
      let difference = range.map { weights[$0] - values[$0] }
      let slopes = DenseAlgebra.product(
        difference, Array(gram[group * area..<(group + 1) * area]), perGroup, columns, columns)
      return sum + zip(difference, slopes).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
  }

  /// One output's part of `outputError`.
  func rowError(_ values: [Float], row: Int) -> Double {
    let start = row * columns
    let difference = (0..<columns).map { weights[start + $0] - values[start + $0] }
    let block = row / (rows / groups) * columns * columns
    return gram.withUnsafeBufferPointer { gram in
      var sum = 0.0
      for first in 0..<columns where difference[first] != 0 {
        var inner: Float = 0
        let line = block + first * columns
        for second in 0..<columns { inner += difference[second] * gram[line + second] }
        sum += Double(difference[first]) * Double(inner)
      }
      return sum
    }
  }
}
