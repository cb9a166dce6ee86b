/// W = second · first: two thin matrices multiplied one after the other, rows in blocks that stay in cache.
package struct FactorPair: MatrixKernel {
  /// [rank, inputs].
  package let first: any MatrixKernel
  /// [outputs, rank].
  package let second: any MatrixKernel

  /// - Precondition: `second` takes what `first` gives.
  package init(first: any MatrixKernel, second: any MatrixKernel) {
    precondition(first.outputs == second.inputs, "the ranks of a factor pair agree")
    self.first = first
    self.second = second
  }

  package var outputs: Int { second.outputs }
  package var inputs: Int { first.inputs }
  package var rank: Int { first.outputs }
  package var identity: KernelIdentity { KernelIdentity(pairing: first.identity, second.identity) }
  package var packedBytes: Int { first.packedBytes + second.packedBytes }

  /// Rows whose intermediate is about 64 KB, whole tiles of any level.
  private func blockRows(_ rows: Int) -> Int {
    let fitting = 16_384 / max(1, rank) / 12 * 12
    return min(rows, max(24, fitting))
  }

  private func intermediateBytes(_ rows: Int) -> Int { Panels.roundUp(blockRows(rows) * rank * 4, 64) }

  package func scratchBytes(rows: Int) -> Int {
    let block = blockRows(max(1, rows))
    // The last block is smaller and a smaller one may need more: direct forms take scratch that tiled ones do not.
    let sizes = Set([block, max(1, rows) % block]).subtracting([0])
    let parts = sizes.map { max(first.scratchBytes(rows: $0), second.scratchBytes(rows: $0)) }
    return intermediateBytes(max(1, rows)) + (parts.max() ?? 0)
  }

  package func multiply(
    rows: Int, x: UnsafePointer<Float>, ldx: Int, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    guard rows > 0 else { return }
    let block = blockRows(rows)
    let middle = scratch.assumingMemoryBound(to: Float.self)
    let rest = scratch + intermediateBytes(rows)
    for row in stride(from: 0, to: rows, by: block) {
      let count = min(block, rows - row)
      first.multiply(
        rows: count, x: x + row * ldx, ldx: ldx, y: middle, ldy: rank, epilogue: Epilogue(), scratch: rest)
      var part = epilogue
      part.residual = epilogue.residual.map { $0 + row * epilogue.ldr }
      second.multiply(
        rows: count, x: middle, ldx: rank, y: y + row * ldy, ldy: ldy, epilogue: part, scratch: rest)
    }
  }
}
