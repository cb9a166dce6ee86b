/// Pruning of one layer by columns, with what follows making up for what went (Frantar, Alistarh 2023,
/// arXiv:2301.00774).
///
/// Columns are visited in blocks of 128. Within a block the weights of least w^2 / [U]jj^2 go, U being the upper
/// Cholesky factor of the inverse Hessian; the error each leaves is spread over the columns to its right.
struct SparseGPT {
  let pattern: PruningPattern
  /// Weights to remove in all; not looked at for N:M patterns.
  let count: Int

  static let blockWidth = 128

  /// Zeroes and updates the weights in place; returns which stay.
  /// - Parameter step: called after each block with the share done.
  /// - Throws: what `step` throws, or `CompressionError.indefiniteHessian`.
  func prune(
    _ weights: inout WeightMatrix, hessian: LayerHessian, layer: String, step: (Double) throws -> Void
  ) throws -> [Bool] {
    guard let factor = hessian.upperFactor() else { throw CompressionError.indefiniteHessian(layer: layer) }
    let (rows, columns) = (weights.rows, weights.columns)
    var keep = [Bool](repeating: true, count: rows * columns)
    var removed = 0
    for left in stride(from: 0, to: columns, by: Self.blockWidth) {
      let block = left..<min(left + Self.blockWidth, columns)
      let share = Int((Double(count) * Double(block.upperBound) / Double(columns)).rounded()) - removed
      // What reads nothing but zeros goes first: it is worth nothing.
      let worth = block.map { column -> Float in
        let pivot = factor[column * columns + column]
        return hessian.dead[column] ? 0 : 1 / (pivot * pivot)
      }
      removed += choose(
        share, in: block, weights: weights.values, worth: worth, keep: &keep, columns: columns)
      var errors = [Float](repeating: 0, count: rows * block.count)
      for row in 0..<rows {
        sweep(row, block, &weights.values, &keep, &errors, factor: factor, columns: columns)
      }
      spread(errors, block, &weights.values, factor: factor, rows: rows, columns: columns)
      try step(Double(block.upperBound) / Double(columns))
    }
    return keep
  }

  /// Marks what goes in a block of columns, unless that is found out on the way; how many weights that is.
  private func choose(
    _ share: Int, in block: Range<Int>, weights: [Float], worth: [Float], keep: inout [Bool], columns: Int
  ) -> Int {
    guard pattern.nofm == nil, share > 0 else { return 0 }
    let rows = weights.count / columns
    var scores = [Float](repeating: 0, count: rows * block.count)
    for row in 0..<rows {
      for place in 0..<block.count {
        let weight = weights[row * columns + block.lowerBound + place]
        scores[row * block.count + place] = weight * weight * worth[place]
      }
    }
    let tiles = BlockTiles(rows: rows, columns: block.count, pattern: pattern)
    let sums =
      tiles.size == 1 ? scores : scores.withUnsafeBufferPointer { tiles.sums($0, columns: 0..<block.count) }
    let wanted = min(sums.count, Int((Double(share) / Double(tiles.size)).rounded()))
    var gone = 0
    sums.withUnsafeBufferPointer { sums in
      SmallestSelection.forEach(wanted, smallestOf: sums) { tile in
        tiles.forEach(tile, columns: 0..<block.count) { place in
          keep[place / block.count * columns + block.lowerBound + place % block.count] = false
          gone += 1
        }
      }
    }
    return gone
  }

  /// One row through a block: each weight that goes leaves its error to those behind it.
  private func sweep(
    _ row: Int, _ block: Range<Int>, _ weights: inout [Float], _ keep: inout [Bool], _ errors: inout [Float],
    factor: [Float], columns: Int
  ) {
    weights.withUnsafeMutableBufferPointer { weights in
      factor.withUnsafeBufferPointer { factor in
        let start = row * columns
        for column in block {
          if let (kept, of) = pattern.nofm, column % of == 0 {
            group(start, column..<min(column + of, columns), kept, weights, &keep, factor, columns)
          }
          guard !keep[start + column] else { continue }
          let pivot = factor[column * columns + column]
          let error = weights[start + column] / pivot
          weights[start + column] = 0
          guard error != 0 else { continue }
          errors[row * block.count + column - block.lowerBound] = error
          for place in column + 1..<max(block.upperBound, column + 1) {
            weights[start + place] -= error * factor[column * columns + place]
          }
        }
      }
    }
  }

  /// Of a group of a row, the `kept` of highest score stay.
  private func group(
    _ start: Int, _ group: Range<Int>, _ kept: Int, _ weights: UnsafeMutableBufferPointer<Float>,
    _ keep: inout [Bool], _ factor: UnsafeBufferPointer<Float>, _ columns: Int
  ) {
    let scores = group.map { column in
      let ratio = weights[start + column] / factor[column * columns + column]
      return ratio * ratio
    }
    let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
    for place in order.prefix(max(0, group.count - kept)) { keep[start + group.lowerBound + place] = false }
  }

  /// What a block's errors ask of all columns behind it.
  private func spread(
    _ errors: [Float], _ block: Range<Int>, _ weights: inout [Float], factor: [Float], rows: Int, columns: Int
  ) {
    let behind = columns - block.upperBound
    guard behind > 0 else { return }
    weights.withUnsafeMutableBufferPointer { weights in
      factor.withUnsafeBufferPointer { factor in
        errors.withUnsafeBufferPointer { errors in
          guard let target = weights.baseAddress, let source = factor.baseAddress,
            let left = errors.baseAddress
          else { return }
          DenseAlgebra.multiply(
            rows, behind, block.count, alpha: -1, left, stride: block.count,
            source + block.lowerBound * columns + block.upperBound, stride: columns, beta: 1,
            into: target + block.upperBound, stride: columns)
        }
      }
    }
  }
}
