import Kernels

/// Sparse forms beside our dense float product of the same size.
enum KernelSparseCases {
  static let family = KernelFamily(name: "sparse") { bench in
    var cases: [() throws -> KernelCase] = []
    for rows in [1, 16, 64] {
      for percent in [50, 80, 90, 98] {
        cases.append {
          compared(bench, rows: rows, "\(percent) % zeros") { random($0, percent: percent, bench) }
        }
      }
      for pattern in KeepPattern.allCases {
        cases.append { compared(bench, rows: rows, "pattern \(pattern)") { patterned($0, pattern, bench) } }
      }
      for block in [(8, 1), (4, 4)] {
        cases.append {
          compared(bench, rows: rows, "90 % zeros in \(block.0)x\(block.1) blocks") {
            blocks($0, block, percent: 90, bench)
          }
        }
      }
    }
    return cases
  }

  private static let side = 1024

  private static func random(
    _ w: UnsafeMutableBufferPointer<Float>, percent: Int, _ bench: KernelBench
  ) -> any MatrixKernel {
    var random = KernelRandom(41)
    for i in w.indices where (random.next() >> 20) % 100 < UInt64(percent) { w[i] = 0 }
    return SparseMatrix(
      weights: UnsafeBufferPointer(w), outputs: side, inputs: side, table: bench.table)
  }

  private static func patterned(
    _ w: UnsafeMutableBufferPointer<Float>, _ pattern: KeepPattern, _ bench: KernelBench
  ) -> any MatrixKernel {
    var random = KernelRandom(42)
    for first in stride(from: 0, to: w.count, by: pattern.run) {
      for k in (first..<first + pattern.run).shuffled(using: &random).dropFirst(pattern.kept) { w[k] = 0 }
    }
    guard
      let matrix = PatternMatrix(
        weights: UnsafeBufferPointer(w), outputs: side, inputs: side, pattern: pattern, table: bench.table)
    else { preconditionFailure("the weights were made for \(pattern)") }
    return matrix
  }

  /// Zeros blocks of outputs by inputs.
  private static func blocks(
    _ w: UnsafeMutableBufferPointer<Float>, _ block: (Int, Int), percent: Int, _ bench: KernelBench
  ) -> any MatrixKernel {
    var random = KernelRandom(47)
    for n in stride(from: 0, to: side, by: block.0) {
      for k in stride(from: 0, to: side, by: block.1) where (random.next() >> 20) % 100 < UInt64(percent) {
        for i in 0..<block.0 { for j in 0..<block.1 { w[(n + i) * side + k + j] = 0 } }
      }
    }
    return BlockMatrix(weights: UnsafeBufferPointer(w), outputs: side, inputs: side, table: bench.table)
  }

  /// One row: as many copies in turn as fill more than a last-level cache. More rows: one copy.
  private static func compared(
    _ bench: KernelBench, rows: Int, _ name: String,
    _ prune: (UnsafeMutableBufferPointer<Float>) -> any MatrixKernel
  ) -> KernelCase {
    let w = KernelData.floats(side * side, seed: 43)
    func dense() -> any MatrixKernel {
      DenseMatrix(weights: UnsafeBufferPointer(w.buffer), outputs: side, inputs: side, table: bench.table)
    }
    let denses = (0..<(rows == 1 ? 20 : 1)).map { _ in dense() }
    let first = prune(w.buffer)
    let copies = rows == 1 ? (80 << 20) / max(1, first.packedBytes) + 1 : 1
    let sparses = [first] + (1..<max(2, copies)).map { _ in copies == 1 ? first : prune(w.buffer) }
    let x = KernelData.floats(rows * side, seed: 44)
    let y = KernelData.floats(rows * side, seed: 45)
    let scratch = KernelData.floats(
      max(first.scratchBytes(rows: rows), denses[0].scratchBytes(rows: rows)) / 4 + 16, seed: 46)
    func run(_ matrix: any MatrixKernel) {
      matrix.multiply(
        rows: rows, x: x.start, ldx: side, y: y.start, ldy: side, epilogue: Epilogue(), scratch: scratch.start
      )
    }
    let denseTurn = Turn(denses.count)
    let turn = Turn(sparses.count)
    return KernelCase(
      name: "\(rows)x\(side)x\(side) \(name)",
      peer: .call("our dense f32", { run(denses[denseTurn.next()]) }),
      work: rows == 1 ? Double(first.packedBytes) : 2 * Double(rows) * Double(side * side),
      bound: rows == 1 ? .reads : .floats, ours: { run(sparses[turn.next()]) })
  }
}
