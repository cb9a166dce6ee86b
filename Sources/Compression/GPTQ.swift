import TensorCore

/// Rounds a layer's weights column by column, and lets the columns that are still free make up for each error.
///
/// Frantar et al. 2023, "GPTQ" (arXiv:2210.17323): the inverse Hessian of the layer's least-squares problem says how; its
/// Cholesky factor is taken once, and updates beyond a block of 128 columns are done in one product. Weights that are
/// zero stay zero, and their share of the error is passed on as well (as in SparseGPT, arXiv:2301.00774).
struct GPTQ {
  /// Columns with the largest Hessian diagonal first ("act-order"), each group's scale from the weights as they are
  /// given; otherwise from left to right, each group's scale when its first column comes up.
  let isOrdered: Bool

  static let blockSize = 128

  /// - Throws: `CompressionError.indefiniteHessian`, `CancellationError`.
  func codes(_ problem: RoundingProblem) throws -> CodeMatrix {
    let (rows, columns) = (problem.rows, problem.columns)
    let quantizer = WeightQuantizer(scheme: problem.scheme)
    var result = problem.weights.withUnsafeBufferPointer {
      quantizer.matrix($0, rows: rows, columns: columns)
    }
    let perGroup = rows / problem.groups
    let area = columns * columns
    for group in 0..<problem.groups {
      try checkCancellation()
      let gram = Array(problem.gram[group * area..<(group + 1) * area])
      try round(
        group * perGroup..<(group + 1) * perGroup, problem, quantizer, gram: gram, into: &result)
    }
    return result
  }

  private func round(
    _ range: Range<Int>, _ problem: RoundingProblem, _ quantizer: WeightQuantizer, gram: [Float],
    into result: inout CodeMatrix
  ) throws {
    let (rows, columns) = (range.count, problem.columns)
    let order = order(gram, columns)
    let isPermuted = isOrdered && columns > 1
    let hessian = try LayerHessian(
      gram: isPermuted ? permuted(gram, order) : gram, size: columns, layer: problem.layer)
    guard let factor = hessian.upperFactor() else {
      throw CompressionError.indefiniteHessian(layer: problem.layer)
    }
    // The rows in the order in which columns are rounded.
    var weights = [Float](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      let start = (range.lowerBound + row) * columns
      for place in 0..<columns { weights[row * columns + place] = problem.weights[start + order[place]] }
    }
    let isZero = weights.map { $0 == 0 }
    let groupSize = result.groupSize
    let updatesGrids = !isOrdered && result.groups > 1
    var errors = [Float](repeating: 0, count: rows * Self.blockSize)
    for first in stride(from: 0, to: columns, by: Self.blockSize) {
      try checkCancellation()
      let last = min(first + Self.blockSize, columns)
      let width = last - first
      for row in 0..<rows {
        let output = range.lowerBound + row
        let start = row * columns
        for place in first..<last {
          let column = order[place]
          if updatesGrids, column % groupSize == 0 {
            // What earlier blocks did to this group is in already; what this block did is too.
            let end = start + min(column + groupSize, columns)
            result.grids[output * result.groups + column / groupSize] = weights[start + column..<end]
              .withUnsafeBufferPointer { quantizer.grid($0) }
          }
          let value = weights[start + place]
          let grid = result.grids[result.gridIndex(output, column)]
          let code =
            isZero[start + place] && problem.scheme.bits != .binary
            ? Int8(truncatingIfNeeded: grid.zeroPoint) : quantizer.nearest(value, grid)
          result.codes[output * columns + column] = code
          let diagonal = factor[place * columns + place]
          let error = (value - quantizer.decoded(code, grid)) / diagonal
          errors[row * Self.blockSize + place - first] = error
          weights.withUnsafeMutableBufferPointer { weights in
            factor.withUnsafeBufferPointer { factor in
              let line = place * columns
              for next in place..<last { weights[start + next] -= error * factor[line + next] }
            }
          }
        }
      }
      guard last < columns else { continue }
      weights.withUnsafeMutableBufferPointer { weights in
        errors.withUnsafeBufferPointer { errors in
          factor.withUnsafeBufferPointer { factor in
            guard let target = weights.baseAddress, let errors = errors.baseAddress,
              let factor = factor.baseAddress
            else { return }
            DenseAlgebra.multiply(
              rows, columns - last, width, alpha: -1, errors, stride: Self.blockSize,
              factor + first * columns + last, stride: columns, beta: 1, into: target + last, stride: columns)
          }
        }
      }
    }
  }

  /// Columns in the order in which they are rounded.
  private func order(_ gram: [Float], _ columns: Int) -> [Int] {
    let all = Array(0..<columns)
    guard isOrdered else { return all }
    return all.sorted { left, right in
      let (first, second) = (gram[left * columns + left], gram[right * columns + right])
      return first != second ? first > second : left < right
    }
  }

  private func permuted(_ gram: [Float], _ order: [Int]) -> [Float] {
    let size = order.count
    return [Float](unsafeUninitializedCapacity: gram.count) { target, count in
      for row in 0..<size {
        for column in 0..<size { target[row * size + column] = gram[order[row] * size + order[column]] }
      }
      count = gram.count
    }
  }
}
