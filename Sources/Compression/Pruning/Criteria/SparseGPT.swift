import Recipes

extension PruningCriterion {
  package static let sparseGPT = PruningCriterion(
    "sparsegpt",
    MethodNote(
      "Column by column the cheapest weights go, the columns behind making up for it.",
      needs: .calibrationData, source: "Frantar, Alistarh 2023, arXiv:2301.00774", isHeavy: true),
    weights: WeightJudgement(needsInputs: true) { matrix, pruning in
      try pruning.reconstruct(&matrix) { part, hessian, count, step in
        try SparseGPT(pattern: pruning.pattern, count: count).prune(
          &part, hessian: hessian, layer: pruning.layer.name, step: step)
      }
    })
}

/// Pruning of one layer by columns, with what follows making up for what went (Frantar, Alistarh 2023,
/// arXiv:2301.00774).
///
/// Columns are visited in blocks of 128. Within a block the weights of least w^2 / [U]jj^2 go, U being the upper
/// Cholesky factor of the inverse Hessian; the error each leaves is spread over the columns to its right.
struct SparseGPT {
  let pattern: PruningPattern
  /// Weights to remove in all; not looked at for N:M patterns.
  let count: Int

  /// Zeroes and updates the weights in place; returns which stay.
  /// - Parameter step: called after each block with the share done.
  /// - Throws: what `step` throws, or `CompressionError.indefiniteHessian`.
  func prune(
    _ weights: inout WeightMatrix, hessian: LayerHessian, layer: String, step: (Double) throws -> Void
  ) throws -> [Bool] {
    let walk = try ColumnWalk(hessian, rows: weights.rows, layer: layer)
    var removal = ColumnRemoval(pattern: pattern, count: count, walk: walk, dead: hessian.dead)
    try walk.run(&weights.values, &removal, step: step)
    return removal.keep
  }
}

/// Settles each weight on itself or on zero.
private struct ColumnRemoval: ColumnDecision {
  private let pattern: PruningPattern
  private let count: Int
  private let rows: Int
  private let columns: Int
  private let pivots: [Float]
  /// Inputs that are zero on all data.
  private let dead: [Bool]
  private(set) var keep: [Bool]
  private var removed = 0

  init(pattern: PruningPattern, count: Int, walk: ColumnWalk, dead: [Bool]) {
    self.pattern = pattern
    self.count = count
    (rows, columns) = (walk.rows, walk.columns)
    pivots = walk.pivots
    self.dead = dead
    keep = [Bool](repeating: true, count: walk.rows * walk.columns)
  }

  /// Marks what goes in a block of columns, unless that is found out on the way.
  mutating func begin(_ block: Range<Int>, _ weights: UnsafePointer<Float>) {
    let share = Int((Double(count) * Double(block.upperBound) / Double(columns)).rounded()) - removed
    guard pattern.nofm == nil, share > 0 else { return }
    // What reads nothing but zeros goes first: it is worth nothing.
    let worth = block.map { dead[$0] ? 0 : 1 / (pivots[$0] * pivots[$0]) }
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
    sums.withUnsafeBufferPointer { sums in
      SmallestSelection.forEach(wanted, smallestOf: sums) { tile in
        tiles.forEach(tile, columns: 0..<block.count) { place in
          keep[place / block.count * columns + block.lowerBound + place % block.count] = false
          removed += 1
        }
      }
    }
  }

  mutating func settled(_ row: Int, _ column: Int, _ weights: UnsafePointer<Float>) -> Float {
    if let (kept, of) = pattern.nofm, column % of == 0 {
      choose(kept, of: column..<min(column + of, columns), row, weights)
    }
    return keep[row * columns + column] ? weights[column] : 0
  }

  /// Marks all weights of a group of a row to go but the `kept` of highest score.
  private mutating func choose(
    _ kept: Int, of group: Range<Int>, _ row: Int, _ weights: UnsafePointer<Float>
  ) {
    let scores = group.map { column in
      let ratio = weights[column] / pivots[column]
      return ratio * ratio
    }
    let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
    for place in order.prefix(max(0, group.count - kept)) {
      keep[row * columns + group.lowerBound + place] = false
    }
  }
}
