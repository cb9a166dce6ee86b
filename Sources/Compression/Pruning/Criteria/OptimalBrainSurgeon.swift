import COpenBLAS
import Dispatch
import Recipes

extension PruningCriterion {
  package static let brainSurgeon = PruningCriterion(
    "obs",
    MethodNote(
      "One weight after the other goes that costs a layer's output least, the rest making up for it.",
      needs: .calibrationData,
      source: "Hassibi, Stork 1993, doi:10.1109/ICNN.1993.298572; Frantar, Alistarh 2022, arXiv:2208.11580",
      isHeavy: true),
    weights: WeightJudgement(needsInputs: true) { matrix, pruning in
      try pruning.reconstruct(&matrix) { part, hessian, count, step in
        try OptimalBrainSurgeon(pattern: pruning.pattern, count: count).prune(
          &part, hessian: hessian, layer: pruning.layer.name, step: step)
      }
    })
}

/// Exact greedy pruning of one layer's least-squares problem: the Optimal Brain Surgeon (Hassibi, Stork 1993,
/// doi:10.1109/ICNN.1993.298572) row by row, as the Optimal Brain Compressor runs it (Frantar, Alistarh 2022,
/// arXiv:2208.11580).
///
/// Each row loses, one after the other, the weight of least w^2 / [H^-1]pp, all others being updated. The rows' losses
/// are then compared, which says how far each goes, and what stays of a row is fitted anew in double precision.
/// Blocks go by the sum of their first losses, and the rest is fitted to that.
struct OptimalBrainSurgeon {
  let pattern: PruningPattern
  /// Weights to remove in all; not looked at for N:M patterns.
  let count: Int

  /// Zeroes and updates the weights in place; returns which stay.
  /// - Parameter step: called with the share done after every few rows.
  func prune(
    _ weights: inout WeightMatrix, hessian: LayerHessian, layer: String, step: (Double) throws -> Void
  ) throws -> [Bool] {
    let (rows, columns) = (weights.rows, weights.columns)
    let selection = PatternSelection(rows: rows, columns: columns, pattern: pattern)
    let keep: [Bool]
    if pattern.block != (1, 1) {
      keep = selection.keep(firstLosses(weights, hessian), removing: count, perRow: false)
    } else {
      keep = try traced(weights, hessian, limit: selection.fixedCount.map { $0 / max(rows, 1) }) {
        try step($0 * 0.8)
      }
    }
    let fitted = try LeastSquaresRefit.refit(weights, keep: keep, hessian: hessian) {
      try step(0.8 + 0.2 * $0)
    }
    guard let fitted else { throw CompressionError.indefiniteHessian(layer: layer) }
    weights = fitted
    return keep
  }

  private func firstLosses(_ weights: WeightMatrix, _ hessian: LayerHessian) -> [Float] {
    let pivots = (0..<weights.columns).map { column in
      hessian.dead[column] ? 0 : Float(1 / hessian.inverse[column * weights.columns + column])
    }
    return weights.values.indices.map { index in
      weights.values[index] * weights.values[index] * pivots[index % weights.columns]
    }
  }

  /// Follows every row for `limit` removals, or as far as it takes to find the cheapest `count`.
  /// - Returns: which weights stay.
  private func traced(
    _ weights: WeightMatrix, _ hessian: LayerHessian, limit: Int?, step: (Double) throws -> Void
  ) throws -> [Bool] {
    let (rows, columns) = (weights.rows, weights.columns)
    let inverse = hessian.inverse.map(Float.init)
    var orders = [Int32](repeating: 0, count: rows * columns)
    var losses = [Float](repeating: .infinity, count: rows * columns)
    let length = limit ?? columns
    let group = 2 * ProcessorCount.active
    openblas_set_num_threads(1)
    for first in stride(from: 0, to: rows, by: group) {
      let chunk = first..<min(first + group, rows)
      orders.withUnsafeMutableBufferPointer { orders in
        losses.withUnsafeMutableBufferPointer { losses in
          let target = TraceTarget(orders: orders, losses: losses)
          DispatchQueue.concurrentPerform(iterations: chunk.count) { offset in
            let row = chunk.lowerBound + offset
            var trace = SurgeonTrace(
              weights: Array(weights.values[row * columns..<(row + 1) * columns]), inverse: inverse,
              dead: hessian.dead, pattern: pattern)
            trace.run(length) { place, index, loss in
              target.orders[row * columns + place] = Int32(index)
              target.losses[row * columns + place] = loss
            }
          }
        }
      }
      try step(Double(chunk.upperBound) / Double(max(rows, 1)))
    }
    var keep = [Bool](repeating: true, count: rows * columns)
    if limit != nil {
      for row in 0..<rows {
        for place in 0..<length { keep[row * columns + Int(orders[row * columns + place])] = false }
      }
    } else {
      losses.withUnsafeBufferPointer { losses in
        SmallestSelection.forEach(count, smallestOf: losses) { place in
          keep[place / columns * columns + Int(orders[place])] = false
        }
      }
    }
    return keep
  }
}

/// Where the rows' traces are written, each row by one task alone, which is why it may be shared.
private struct TraceTarget: @unchecked Sendable {
  let orders: UnsafeMutableBufferPointer<Int32>
  let losses: UnsafeMutableBufferPointer<Float>
}

/// One row of a layer losing weight after weight.
private struct SurgeonTrace {
  private var weights: [Float]
  /// [size, size], rows of the upper triangle; what was removed is taken out now and then.
  private var inverse: [Float]
  private var size: Int
  /// The weight that each place of `inverse` stands for; negative once it is gone.
  private var places: [Int]
  private let dead: [Bool]
  private let pattern: PruningPattern
  private var gone: [Int]

  init(weights: [Float], inverse: [Float], dead: [Bool], pattern: PruningPattern) {
    self.weights = weights
    self.inverse = inverse
    self.dead = dead
    self.pattern = pattern
    size = weights.count
    places = Array(weights.indices)
    gone = [Int](repeating: 0, count: pattern.nofm.map { weights.count / $0.of + 1 } ?? 0)
  }

  /// Removes `length` weights and hands over the order, the index and the highest loss so far of each.
  mutating func run(_ length: Int, _ found: (Int, Int, Float) -> Void) {
    var column = [Float](repeating: 0, count: size)
    var highest: Float = 0
    for place in 0..<length {
      guard let next = cheapest() else { return }
      highest = max(highest, next.loss)
      found(place, places[next.place], highest)
      remove(next.place, &column)
      if place + 1 < length, (place + 1 - (weights.count - size)) * 3 > size { compact() }
    }
  }

  private func cheapest() -> (place: Int, loss: Float)? {
    var best: (place: Int, loss: Float)?
    for place in 0..<size where places[place] >= 0 {
      let index = places[place]
      if let (kept, of) = pattern.nofm {
        let group = index / of
        let count = min(of, weights.count - group * of)
        guard gone[group] < count - kept else { continue }
      }
      let weight = weights[index]
      let pivot = inverse[place * size + place]
      let loss = dead[index] || weight == 0 ? 0 : weight * weight / max(pivot, .leastNormalMagnitude)
      if best.map({ loss < $0.loss }) ?? true { best = (place, loss) }
    }
    return best
  }

  private mutating func remove(_ place: Int, _ column: inout [Float]) {
    for other in 0..<place { column[other] = inverse[other * size + place] }
    for other in place..<size { column[other] = inverse[place * size + other] }
    let pivot = max(column[place], .leastNormalMagnitude)
    let index = places[place]
    let ratio = weights[index] / pivot
    for other in 0..<size where places[other] >= 0 { weights[places[other]] -= ratio * column[other] }
    weights[index] = 0
    places[place] = -1
    if let (_, of) = pattern.nofm { gone[index / of] += 1 }
    var (n, one, scale) = (Int32(size), Int32(1), -1 / pivot)
    ssyr_("L", &n, &scale, column, &one, &inverse, &n)
  }

  /// Takes what is gone out of the matrix.
  private mutating func compact() {
    let alive = (0..<size).filter { places[$0] >= 0 }
    for (row, from) in alive.enumerated() {
      for column in row..<alive.count {
        inverse[row * alive.count + column] = inverse[from * size + alive[column]]
      }
    }
    places = alive.map { places[$0] }
    size = alive.count
  }
}

/// The weights that stay, chosen anew so that the layer's output changes least.
enum LeastSquaresRefit {
  /// - Returns: nil where the Hessian of what stays is not positive definite.
  static func refit(
    _ weights: WeightMatrix, keep: [Bool], hessian: LayerHessian, step: (Double) throws -> Void
  ) rethrows -> WeightMatrix? {
    let columns = weights.columns
    var result = weights
    for row in 0..<weights.rows {
      let start = row * columns
      let kept = (0..<columns).filter { keep[start + $0] }
      let gone = (0..<columns).filter { !keep[start + $0] }
      guard let fitted = fit(weights.values[start..<start + columns].map(Double.init), kept, gone, hessian)
      else { return nil }
      for column in 0..<columns {
        result.values[start + column] = keep[start + column] ? Float(fitted[column]) : 0
      }
      if row % 16 == 15 { try step(Double(row + 1) / Double(weights.rows)) }
    }
    return result
  }

  /// By the smaller of two systems: what stays against the rest of the Hessian, or what goes against its inverse.
  private static func fit(
    _ row: [Double], _ kept: [Int], _ gone: [Int], _ hessian: LayerHessian
  ) -> [Double]? {
    let size = hessian.size
    if gone.isEmpty { return row }
    var result = row
    if kept.count <= gone.count {
      // W' H_SS = (W H)_S, of which the part of what stays is known: only what goes has to be spread.
      let right = kept.map { column in
        gone.reduce(0.0) { $0 + hessian.matrix[column * size + $1] * row[$1] }
      }
      let matrix = kept.flatMap { one in kept.map { hessian.matrix[one * size + $0] } }
      guard let change = DenseAlgebra.solve(matrix, right) else { return nil }
      for (place, column) in kept.enumerated() { result[column] += change[place] }
    } else {
      let matrix = gone.flatMap { one in gone.map { hessian.inverse[one * size + $0] } }
      guard let change = DenseAlgebra.solve(matrix, gone.map { row[$0] }) else { return nil }
      for column in kept {
        result[column] -= gone.indices.reduce(0.0) {
          $0 + hessian.inverse[column * size + gone[$1]] * change[$1]
        }
      }
    }
    return result
  }
}
