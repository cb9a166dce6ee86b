import Kernels
import TensorCore

/// Rounds to the nearest after a search for how far ranges are best clipped, as AWQ does once weights are scaled (Lin et
/// al. 2024, arXiv:2306.00978).
///
/// Each group of weights tries its range shrunk in steps of 5 % down to a half, and takes the one with which its part of
/// the layer's output on calibration data changes least; the wider of equals.
struct ClipSearch {
  static let shares: [Float] = (0...10).map { 1 - Float($0) / 20 }

  /// Whether ranges of these codes can be clipped, and are not clipped already.
  static func takes(_ scheme: CodeScheme) -> Bool {
    scheme.bits != .ternary && scheme.bits != .binary && scheme.scaleStorage == .float32
      && !scheme.range.clips
  }

  /// - Throws: `CancellationError`.
  func codes(_ problem: RoundingProblem) throws -> CodeMatrix {
    let quantizer = WeightQuantizer(scheme: problem.scheme)
    var result = CodeMatrix(rows: problem.rows, columns: problem.columns, scheme: problem.scheme)
    let full = (0..<result.grids.count).map { extremes($0, problem, result) }
    var least = [Double](repeating: .infinity, count: full.count)
    for share in Self.shares {
      try Task.checkCancellation()
      let grids = full.map { quantizer.grid(low: $0.low * share, high: $0.high * share) }
      let errors = errors(problem, result, quantizer, grids)
      for index in grids.indices where errors[index] < least[index] {
        (least[index], result.grids[index]) = (errors[index], grids[index])
      }
    }
    for row in 0..<problem.rows {
      for column in 0..<problem.columns {
        let index = row * problem.columns + column
        result.codes[index] = quantizer.nearest(
          problem.weights[index], result.grids[result.gridIndex(row, column)])
      }
    }
    return result
  }

  private func extremes(_ grid: Int, _ problem: RoundingProblem, _ matrix: CodeMatrix) -> (
    low: Float, high: Float
  ) {
    problem.weights.withUnsafeBufferPointer { weights in
      if problem.scheme.isPerTensor { return WeightCoding.extremes(weights) }
      let (row, group) = (grid / matrix.groups, grid % matrix.groups)
      let first = row * matrix.columns + group * matrix.groupSize
      let last = min(first + matrix.groupSize, (row + 1) * matrix.columns)
      return WeightCoding.extremes(UnsafeBufferPointer(rebasing: weights[first..<last]))
    }
  }

  /// Per grid, the squared error of what its weights give on the calibration data.
  private func errors(
    _ problem: RoundingProblem, _ matrix: CodeMatrix, _ quantizer: WeightQuantizer, _ grids: [CodeGrid]
  ) -> [Double] {
    var errors = [Double](repeating: 0, count: grids.count)
    let (columns, perGroup) = (problem.columns, problem.rows / problem.groups)
    for group in 0..<problem.groups {
      let rows = group * perGroup..<(group + 1) * perGroup
      let gram = problem.raisedGram(group)
      for first in stride(from: 0, to: columns, by: matrix.groupSize) {
        let width = min(matrix.groupSize, columns - first)
        var part = gram
        if width < columns {
          part = (0..<width * width).map { gram[(first + $0 / width) * columns + first + $0 % width] }
        }
        var missed = [Float](repeating: 0, count: perGroup * width)
        for row in rows {
          let grid = grids[matrix.gridIndex(row, first)]
          for column in 0..<width {
            let weight = problem.weights[row * columns + first + column]
            missed[(row - rows.lowerBound) * width + column] =
              quantizer.decoded(quantizer.nearest(weight, grid), grid) - weight
          }
        }
        let slopes = DenseAlgebra.product(missed, part, perGroup, width, width)
        for row in rows {
          var sum = 0.0
          for index in (row - rows.lowerBound) * width..<(row - rows.lowerBound + 1) * width {
            sum += Double(missed[index]) * Double(slopes[index])
          }
          errors[matrix.gridIndex(row, first)] += sum
        }
      }
    }
    return errors
  }
}
