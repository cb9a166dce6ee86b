import GraphIR
import TensorCore

/// The shapes of a MatMul, numpy's rules: leading axes broadcast, a vector counts as a row (left) or column (right).
struct MatMulShape: Sendable {
  let m: Int
  let k: Int
  let n: Int
  let output: Shape
  /// Offsets (in matrices) of the operands for each matrix of the output.
  let batches: LoopNest
  /// Whether the right operand is one matrix and the left's matrices follow each other: a single product then.
  let isFlat: Bool

  /// - Parameter right: the input that is the right operand.
  init(_ site: OperatorSite, right rightInput: Int = 1) throws {
    let (a, b) = (try site.input(0).shape, try site.input(rightInput).shape)
    guard a.rank >= 1 else { throw site.inputError(0, expected: "of rank 1 or more") }
    guard b.rank >= 1 else { throw site.inputError(rightInput, expected: "of rank 1 or more") }
    let left = a.rank == 1 ? [1, a[0]] : a.dimensions
    let right = b.rank == 1 ? [b[0], 1] : b.dimensions
    k = left[left.count - 1]
    guard right[right.count - 2] == k else {
      throw site.inputError(rightInput, expected: "of \(k) rows, as \(a) has columns")
    }
    m = left[left.count - 2]
    n = right[right.count - 1]
    let (leftBatch, rightBatch) = (
      try site.shape(Array(left.dropLast(2))), try site.shape(Array(right.dropLast(2)))
    )
    let batch = try site.broadcast([leftBatch, rightBatch])
    batches = LoopNest(broadcasting: [leftBatch, rightBatch], to: batch)
    isFlat = rightBatch.count == 1 && leftBatch.count == batch.count
    output = try site.shape(
      batch.dimensions + (a.rank == 1 ? [] : [m]) + (b.rank == 1 ? [] : [n]))
  }

  /// Calls `body` with the matrix numbers of left, right and output.
  func forEachBatch(_ body: (_ left: Int, _ right: Int, _ output: Int) -> Void) {
    let (count, steps) = (batches.rowCount, batches.rowStrides)
    batches.forEachRow { offsets in
      for index in 0..<count {
        let at = offsets &+ steps &* index
        body(at[0], at[1], at[3])
      }
    }
  }
}
