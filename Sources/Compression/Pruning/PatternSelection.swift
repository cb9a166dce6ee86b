/// Which weights of a matrix stay, given scores: exactly the share asked for, in the pattern asked for.
struct PatternSelection {
  let rows: Int
  let columns: Int
  let pattern: PruningPattern

  /// Weights that an N:M pattern removes, whatever is asked for; nil for other patterns.
  ///
  /// Groups are consecutive along a row; an incomplete last group keeps up to N as well.
  var fixedCount: Int? {
    guard let (kept, of) = pattern.nofm else { return nil }
    return rows * (columns / of * (of - kept) + max(0, columns % of - kept))
  }

  /// What stays of [rows, columns] when the lowest scores go.
  /// - Parameters:
  ///   - count: weights to remove; blocks are removed whole, so many that their weights come nearest to it.
  ///   - perRow: whether each row gives the same share (within one weight), instead of the matrix as a whole.
  func keep(_ scores: [Float], removing count: Int, perRow: Bool) -> [Bool] {
    var keep = [Bool](repeating: true, count: rows * columns)
    scores.withUnsafeBufferPointer { scores in
      keep.withUnsafeMutableBufferPointer { keep in
        if let (kept, of) = pattern.nofm {
          for row in 0..<rows { groups(scores, keep, from: row * columns, kept: kept, of: of) }
        } else if pattern.block != (1, 1) {
          blocks(scores, keep, removing: count)
        } else if perRow {
          for row in 0..<rows {
            let share = count * (row + 1) / rows - count * row / rows
            let start = row * columns
            SmallestSelection.forEach(
              share, smallestOf: UnsafeBufferPointer(rebasing: scores[start..<start + columns])
            ) { keep[start + $0] = false }
          }
        } else {
          SmallestSelection.forEach(count, smallestOf: scores) { keep[$0] = false }
        }
      }
    }
    return keep
  }

  /// Keeps the `kept` highest of each `of` in a row; of equal ones the later.
  private func groups(
    _ scores: UnsafeBufferPointer<Float>, _ keep: UnsafeMutableBufferPointer<Bool>, from start: Int,
    kept: Int,
    of: Int
  ) {
    for group in stride(from: 0, to: columns, by: of) {
      let places = start + group..<start + min(group + of, columns)
      for _ in 0..<max(0, places.count - kept) {
        var least = -1
        for place in places where keep[place] && (least < 0 || scores[place] < scores[least]) {
          least = place
        }
        if least >= 0 { keep[least] = false }
      }
    }
  }

  private func blocks(
    _ scores: UnsafeBufferPointer<Float>, _ keep: UnsafeMutableBufferPointer<Bool>, removing count: Int
  ) {
    let tiles = BlockTiles(rows: rows, columns: columns, pattern: pattern)
    let sums = tiles.sums(scores, columns: 0..<columns)
    let wanted = min(sums.count, Int((Double(count) / Double(tiles.size)).rounded()))
    sums.withUnsafeBufferPointer { sums in
      SmallestSelection.forEach(wanted, smallestOf: sums) { tile in
        tiles.forEach(tile, columns: 0..<columns) { keep[$0] = false }
      }
    }
  }
}

/// The tiles of a matrix that go together; those at its edges may be smaller.
struct BlockTiles {
  let rows: Int
  let columns: Int
  let height: Int
  let width: Int

  init(rows: Int, columns: Int, pattern: PruningPattern) {
    self.rows = rows
    self.columns = columns
    height = pattern.block.outputs
    width = pattern.block.inputs
  }

  /// Weights of a whole tile.
  var size: Int { height * width }

  /// Sums over the tiles within some columns, which begin at a tile, row by row; the sum over a tile that is cut off is
  /// scaled up to a whole one.
  func sums(_ scores: UnsafeBufferPointer<Float>, columns range: Range<Int>) -> [Float] {
    let across = (range.count + width - 1) / width
    var sums = [Float](repeating: 0, count: (rows + height - 1) / height * across)
    for tile in sums.indices {
      var (sum, seen) = (Float(0), 0)
      forEach(tile, columns: range) { place in
        sum += scores[place]
        seen += 1
      }
      sums[tile] = seen == 0 ? 0 : sum * Float(size) / Float(seen)
    }
    return sums
  }

  /// Calls `body` with the place in the matrix of each weight of a tile.
  @inline(__always)
  func forEach(_ tile: Int, columns range: Range<Int>, _ body: (Int) -> Void) {
    let across = (range.count + width - 1) / width
    let top = tile / across * height
    let left = range.lowerBound + tile % across * width
    for row in top..<min(top + height, rows) {
      for column in left..<min(left + width, range.upperBound) { body(row * columns + column) }
    }
  }
}
