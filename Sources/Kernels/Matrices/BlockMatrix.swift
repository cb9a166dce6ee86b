import CKernels

/// Weights pruned in blocks: strips of 8 outputs, each with the inputs that any of its outputs keeps.
///
/// Made for blocks of 8 outputs by any number of inputs that start at outputs 0, 8, 16, ...; smaller blocks (4x4) and
/// single weights are held as well, with the zeros of their strips.
package final class BlockMatrix: MatrixKernel {
  /// Outputs of a strip.
  package static let stripWidth = 8

  package let outputs: Int
  package let inputs: Int
  private let starts: AlignedBuffer<UInt32>
  private let index: AlignedBuffer<UInt32>
  private let values: AlignedBuffer<Float>
  private let shares: ZeroShares
  private let table: KernelTable

  /// Keeps what is not zero of `weights` [outputs, inputs], and what shares a strip and an input with it.
  package init(weights: UnsafeBufferPointer<Float>, outputs: Int, inputs: Int, table: KernelTable) {
    precondition(
      outputs >= 0 && inputs >= 0 && weights.count == outputs * inputs, "weights are [outputs, inputs]")
    self.outputs = outputs
    self.inputs = inputs
    self.table = table
    let strips = Panels.count(outputs) * 2
    func keeps(_ strip: Int, _ k: Int) -> Bool {
      for n in strip * 8..<max(strip * 8, min(outputs, strip * 8 + 8)) where weights[n * inputs + k] != 0 {
        return true
      }
      return false
    }
    starts = AlignedBuffer(zeros: strips + 1)
    var kept: [UInt32] = []
    for strip in 0..<strips {
      for k in 0..<inputs where keeps(strip, k) { kept.append(UInt32(k)) }
      starts.start[strip + 1] = UInt32(kept.count)
    }
    index = AlignedBuffer(zeros: kept.count)
    values = AlignedBuffer(zeros: kept.count * 8)
    var (multiplied, nonzeros) = (0, 0)
    for strip in 0..<strips {
      for e in Int(starts.start[strip])..<Int(starts.start[strip + 1]) {
        index.start[e] = kept[e]
        for n in strip * 8..<min(outputs, strip * 8 + 8) {
          values.start[e * 8 + n % 8] = weights[n * inputs + Int(kept[e])]
          multiplied += 1
          if weights[n * inputs + Int(kept[e])] != 0 { nonzeros += 1 }
        }
      }
    }
    let all = Double(max(1, outputs * inputs))
    shares = ZeroShares(zeros: 1 - Double(nonzeros) / all, skipped: 1 - Double(multiplied) / all)
  }

  package var identity: KernelIdentity {
    KernelIdentity(.float32, .blocks(shares), KernelCode(table.matrix.f32_block_info))
  }
  package var packedBytes: Int { starts.byteCount + index.byteCount + values.byteCount }

  private var tileRows: Int { Int(table.matrix.f32_block_info.rows) }
  /// Rows that stay in a second-level cache while all panels pass.
  private func blockRows(_ rows: Int) -> Int { min(rows, Panels.rows(depth: inputs)) }

  package func scratchBytes(rows: Int) -> Int { rows <= 1 ? 0 : blockRows(rows) * inputs * 4 }

  package func multiply(
    rows: Int, x: UnsafePointer<Float>, ldx: Int, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    guard rows > 0, outputs > 0 else { return }
    let block = blockRows(rows)
    let packed = scratch.assumingMemoryBound(to: Float.self)
    let packs = rows > 1
    let kernel = table.matrix.f32_block
    var store = ck_f32_store(epilogue)
    for first in stride(from: 0, to: rows, by: block) {
      let count = min(block, rows - first)
      if packs {
        for row in stride(from: 0, to: count, by: tileRows) {
          let together = min(tileRows, count - row)
          table.matrix.f32_pack(
            together, inputs, x + (first + row) * ldx, ldx, packed + row * inputs, together)
        }
      }
      for panel in 0..<Panels.count(outputs) {
        let column = panel * Panels.width
        for row in stride(from: 0, to: count, by: tileRows) {
          let together = min(tileRows, count - row)
          store.move(epilogue, row: first + row, column: column)
          kernel(
            together, min(Panels.width, outputs - column), starts.start + 2 * panel, index.start,
            values.start,
            packs ? UnsafePointer(packed + row * inputs) : x + first * ldx, packs ? together : 1,
            y + ((first + row) * ldy + column), ldy, &store)
        }
      }
    }
  }
}
