import Foundation
import TensorCore

/// Learns for each weight whether to round it up or down, so that the layer's output changes least.
///
/// Nagel et al. 2020, "Up or Down?" (arXiv:2004.10568): a rectified sigmoid h of one variable per weight stands for the
/// rounding, Adam minimizes the layer's squared output error, and a regularizer 1 - |2h - 1|^beta, whose beta falls from
/// 20 to 2 after a fifth of the steps, drives h to 0 or 1. The error is taken over all calibration rows at once by way
/// of their Gram matrix, and is measured in units of the error per weight of nearest rounding. An output that nearest
/// rounding serves better keeps it.
struct AdaRound {
  var steps = 600
  var rate: Float = 0.02
  var regularization: Float = 0.05

  /// Bounds of the stretched sigmoid (Louizos et al. 2018, arXiv:1712.01312).
  private static let (low, high): (Float, Float) = (-0.1, 1.1)

  /// Integer codes of at least two bits; others are rounded to the nearest.
  /// - Throws: `CancellationError`.
  func codes(_ problem: RoundingProblem) throws -> CodeMatrix {
    let quantizer = WeightQuantizer(scheme: problem.scheme)
    let nearest = problem.weights.withUnsafeBufferPointer {
      quantizer.matrix($0, rows: problem.rows, columns: problem.columns)
    }
    guard AdaRound.takes(problem.scheme) else { return nearest }
    var learned = nearest
    let perGroup = problem.rows / problem.groups
    for group in 0..<problem.groups {
      try learn(
        group * perGroup..<(group + 1) * perGroup, group: group, problem, nearest: nearest, into: &learned)
    }
    let (values, nearestValues) = (learned.values, nearest.values)
    for row in 0..<problem.rows
    where problem.rowError(nearestValues, row: row) < problem.rowError(values, row: row) {
      let range = row * problem.columns..<(row + 1) * problem.columns
      learned.codes.replaceSubrange(range, with: nearest.codes[range])
    }
    return learned
  }

  static func takes(_ scheme: CodeScheme) -> Bool {
    scheme.format == .integer && scheme.bits != .ternary && scheme.bits != .binary
  }

  private func learn(
    _ rows: Range<Int>, group: Int, _ problem: RoundingProblem, nearest: CodeMatrix,
    into result: inout CodeMatrix
  ) throws {
    let columns = problem.columns
    let count = rows.count * columns
    let offset = rows.lowerBound * columns
    let range = problem.scheme.codeRange
    var floors = [Float](repeating: 0, count: count)
    var scales = [Float](repeating: 1, count: count)
    var bounds = [ClosedRange<Float>](repeating: 0...0, count: count)
    var variables = [Float](repeating: 0, count: count)
    var isFree = [Bool](repeating: true, count: count)
    for index in 0..<count {
      let (row, column) = (rows.lowerBound + index / columns, index % columns)
      let grid = nearest.grids[nearest.gridIndex(row, column)]
      let weight = problem.weights[offset + index]
      let scaled = weight / grid.scale
      let zero = Float(grid.zeroPoint)
      floors[index] = scaled.rounded(.down)
      scales[index] = grid.scale
      bounds[index] = Float(range.lowerBound) - zero...Float(range.upperBound) - zero
      // A zero stays one; a code at the end of the range has nowhere to go.
      isFree[index] = weight != 0 && bounds[index].contains(scaled)
      let fraction = min(max(scaled - floors[index], 0.001), 0.999)
      let share = (fraction - Self.low) / (Self.high - Self.low)
      variables[index] = -log(1 / share - 1)
    }
    let area = columns * columns
    let gram = Array(problem.gram[group * area..<(group + 1) * area])
    let weights = Array(problem.weights[offset..<offset + count])
    let nearestValues = Array(nearest.values[offset..<offset + count])
    let unit = unitOfError(weights, nearestValues, gram, rows.count, columns)
    guard unit > 0 else { return }

    var (first, second) = (
      [Float](repeating: 0, count: count), [Float](repeating: 0, count: count)
    )
    var difference = [Float](repeating: 0, count: count)
    for step in 0..<steps {
      if step % 16 == 0 { try checkCancellation() }
      for index in 0..<count {
        let h = isFree[index] ? Self.rectified(variables[index]) : 0
        let value =
          isFree[index]
          ? min(max(floors[index] + h, bounds[index].lowerBound), bounds[index].upperBound) * scales[index]
          : nearestValues[index]
        difference[index] = value - weights[index]
      }
      let slopes = DenseAlgebra.product(difference, gram, rows.count, columns, columns)
      let progress = Float(step) / Float(steps)
      let warm: Float = 0.2
      let isWarm = progress < warm
      let beta = 2 + 18 * (1 - (progress - warm) / (1 - warm))
      let (firstCorrection, secondCorrection) = (
        1 - pow(Float(0.9), Float(step + 1)), 1 - pow(Float(0.999), Float(step + 1))
      )
      for index in 0..<count where isFree[index] {
        let sigmoid = 1 / (1 + exp(-variables[index]))
        let stretched = sigmoid * (Self.high - Self.low) + Self.low
        // The rectification is flat beyond 0 and 1.
        let slope = stretched > 0 && stretched < 1 ? sigmoid * (1 - sigmoid) * (Self.high - Self.low) : 0
        var gradient = 2 * slopes[index] * scales[index] / unit
        if !isWarm {
          let h = min(max(stretched, 0), 1)
          let signed = 2 * h - 1
          let power = pow(signed.magnitude, beta - 1)
          gradient -= regularization * 2 * beta * power * (signed < 0 ? -1 : 1)
        }
        gradient *= slope
        first[index] = 0.9 * first[index] + 0.1 * gradient
        second[index] = 0.999 * second[index] + 0.001 * gradient * gradient
        variables[index] -=
          rate * (first[index] / firstCorrection) / ((second[index] / secondCorrection).squareRoot() + 1e-8)
      }
    }
    for index in 0..<count where isFree[index] {
      let up: Float = Self.rectified(variables[index]) >= 0.5 ? 1 : 0
      let level = min(max(floors[index] + up, bounds[index].lowerBound), bounds[index].upperBound)
      let (row, column) = (rows.lowerBound + index / columns, index % columns)
      let zero = nearest.grids[nearest.gridIndex(row, column)].zeroPoint
      result.codes[offset + index] = Int8(Int32(level) + zero)
    }
  }

  /// The mean over weights of what nearest rounding costs.
  private func unitOfError(
    _ weights: [Float], _ values: [Float], _ gram: [Float], _ rows: Int, _ columns: Int
  ) -> Float {
    let difference = zip(values, weights).map { $0 - $1 }
    let slopes = DenseAlgebra.product(difference, gram, rows, columns, columns)
    let total = zip(difference, slopes).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    return Float(total / Double(max(1, rows * columns)))
  }

  private static func rectified(_ variable: Float) -> Float {
    min(max((high - low) / (1 + exp(-variable)) + low, 0), 1)
  }
}
