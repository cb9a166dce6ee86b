/// The walk over a layer's inputs that rounding and pruning share: weights are settled column by column, and the columns
/// still free make up for what that does to the layer's output.
///
/// Frantar et al. 2023, "GPTQ" (arXiv:2210.17323), which "SparseGPT" (arXiv:2301.00774) follows: the upper Cholesky
/// factor of the inverse Hessian says how an error spreads; beyond a block of 128 columns all errors of the block spread
/// in one product. What becomes of a weight is the decision's business.
struct ColumnWalk {
  static let blockWidth = 128

  let rows: Int
  let columns: Int
  /// [columns, columns]; below the diagonal not defined.
  private let factor: [Float]

  /// - Parameter rows: of the weights; columns are as many as the Hessian has.
  /// - Throws: `CompressionError.indefiniteHessian`.
  init(_ hessian: LayerHessian, rows: Int, layer: String) throws {
    guard let factor = hessian.upperFactor() else { throw CompressionError.indefiniteHessian(layer: layer) }
    self.rows = rows
    columns = hessian.size
    self.factor = factor
  }

  /// The factor's diagonal: an error of d in column j costs (d / pivots[j])^2.
  var pivots: [Float] { (0..<columns).map { factor[$0 * columns + $0] } }

  /// Settles all weights [rows, columns] in place.
  /// - Parameter step: called after each block with the share done.
  /// - Throws: what `step` throws.
  func run<Decision: ColumnDecision>(
    _ weights: inout [Float], _ decision: inout Decision, step: (Double) throws -> Void
  ) rethrows {
    precondition(weights.count == rows * columns, "weights are [rows, columns]")
    var errors = [Float](repeating: 0, count: rows * Self.blockWidth)
    for first in stride(from: 0, to: columns, by: Self.blockWidth) {
      let block = first..<min(first + Self.blockWidth, columns)
      weights.withUnsafeMutableBufferPointer { weights in
        errors.withUnsafeMutableBufferPointer { errors in
          factor.withUnsafeBufferPointer { factor in
            guard let weights = weights.baseAddress, let errors = errors.baseAddress,
              let factor = factor.baseAddress
            else { return }
            decision.begin(block, weights)
            for row in 0..<rows {
              settle(
                row, block, weights + row * columns, errors + row * Self.blockWidth, factor, &decision)
            }
            spread(block, errors, factor, into: weights)
          }
        }
      }
      try step(Double(block.upperBound) / Double(columns))
    }
  }

  /// One row through a block: each weight's error goes to those behind it.
  @inline(__always)
  private func settle<Decision: ColumnDecision>(
    _ row: Int, _ block: Range<Int>, _ weights: UnsafeMutablePointer<Float>,
    _ errors: UnsafeMutablePointer<Float>, _ factor: UnsafePointer<Float>, _ decision: inout Decision
  ) {
    for column in block {
      let value = weights[column]
      let settled = decision.settled(row, column, weights)
      let line = factor + column * columns
      // What stays as it is leaves no error, not even where it is infinite.
      let error = settled.bitPattern == value.bitPattern ? 0 : (value - settled) / line[column]
      weights[column] = settled
      errors[column - block.lowerBound] = error
      guard error != 0 else { continue }
      for next in column + 1..<max(block.upperBound, column + 1) { weights[next] -= error * line[next] }
    }
  }

  /// Takes a block's errors out of all columns behind it, as far as the factor says.
  private func spread(
    _ block: Range<Int>, _ errors: UnsafePointer<Float>, _ factor: UnsafePointer<Float>,
    into weights: UnsafeMutablePointer<Float>
  ) {
    let behind = columns - block.upperBound
    guard behind > 0 else { return }
    DenseAlgebra.multiply(
      rows, behind, block.count, alpha: -1, errors, stride: Self.blockWidth,
      factor + block.lowerBound * columns + block.upperBound, stride: columns, beta: 1,
      into: weights + block.upperBound, stride: columns)
  }
}

/// Decides what each weight becomes while columns are walked.
protocol ColumnDecision {
  /// Before the columns of a block are walked; `weights` [rows, columns] hold what earlier blocks asked of them.
  mutating func begin(_ block: Range<Int>, _ weights: UnsafePointer<Float>)

  /// What the weight at `column` of a row becomes.
  /// - Parameter weights: of that row: settled before `column`, from there on as the errors so far have made them.
  mutating func settled(_ row: Int, _ column: Int, _ weights: UnsafePointer<Float>) -> Float
}

extension ColumnDecision {
  mutating func begin(_ block: Range<Int>, _ weights: UnsafePointer<Float>) {}
}
