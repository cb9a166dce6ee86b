import CKernels

/// Weights of which only the non-zero ones are kept: value and 16-bit column, output by output.
///
/// One row of x is gathered; more rows are transposed in blocks, so that one weight serves a whole vector of them.
/// What is not kept is not multiplied: an infinite or NaN input meets only the weights there are.
package final class SparseMatrix: MatrixKernel {
  package let outputs: Int
  package let inputs: Int
  /// Weights kept.
  package let nonZeros: Int
  private let segments: [Segment]
  private let index: AlignedBuffer<UInt16>
  private let values: Values
  private let table: KernelTable

  private enum Values: Sendable {
    case floats(AlignedBuffer<Float>)
    case codes(AlignedBuffer<Int8>, scales: AlignedBuffer<Float>, floats: AlignedBuffer<Float>)
  }

  /// Columns that 16 bits can tell apart; nearly always all of them.
  private struct Segment: Sendable {
    let columns: Range<Int>
    let firstElement: Int
    /// Where each output's elements start, from `firstElement` on; one more than outputs, up to whole panels.
    let starts: AlignedBuffer<UInt32>
  }

  /// Keeps what is not zero of `weights` [outputs, inputs].
  package convenience init(
    weights: UnsafeBufferPointer<Float>, outputs: Int, inputs: Int, table: KernelTable
  ) {
    self.init(weights, outputs: outputs, inputs: inputs, table: table) { .floats($0) }
  }

  /// Keeps what is not zero of `codes` [outputs, inputs], where weight = scale · code; `scales` holds one value or
  /// one per output.
  package convenience init(
    codes: UnsafeBufferPointer<Int8>, outputs: Int, inputs: Int, scales: [Float], table: KernelTable
  ) {
    self.init(codes, outputs: outputs, inputs: inputs, table: table) { codes in
      let floats = AlignedBuffer<Float>(zeros: 256)
      for byte in 0..<256 { floats.start[byte] = Float(Int8(truncatingIfNeeded: byte)) }
      return .codes(codes, scales: AlignedBuffer(perOutput: scales, outputs: outputs), floats: floats)
    }
  }

  private init<Value: BitwiseCopyable & Numeric>(
    _ weights: UnsafeBufferPointer<Value>, outputs: Int, inputs: Int, table: KernelTable,
    as form: (AlignedBuffer<Value>) -> Values
  ) {
    precondition(
      outputs >= 0 && inputs >= 0 && weights.count == outputs * inputs, "weights are [outputs, inputs]")
    self.outputs = outputs
    self.inputs = inputs
    self.table = table
    let kept = Self.collect(weights, outputs: outputs, inputs: inputs)
    segments = kept.segments
    index = kept.index
    nonZeros = kept.values.count
    values = form(kept.values)
  }

  private static func collect<Value: BitwiseCopyable & Numeric>(
    _ weights: UnsafeBufferPointer<Value>, outputs: Int, inputs: Int
  ) -> (segments: [Segment], index: AlignedBuffer<UInt16>, values: AlignedBuffer<Value>) {
    let count = weights.count { $0 != 0 }
    precondition(count <= Int(UInt32.max), "positions fit 32 bits")
    let index = AlignedBuffer<UInt16>(zeros: count)
    let values = AlignedBuffer<Value>(zeros: count)
    var segments: [Segment] = []
    var next = 0
    for low in stride(from: 0, to: max(1, inputs), by: 1 << 16) {
      let columns = low..<min(inputs, low + 1 << 16)
      let starts = AlignedBuffer<UInt32>(zeros: outputs + 1)
      let first = next
      for n in 0..<outputs {
        for k in columns where weights[n * inputs + k] != 0 {
          index.start[next] = UInt16(k - low)
          values.start[next] = weights[n * inputs + k]
          next += 1
        }
        starts.start[n + 1] = UInt32(next - first)
      }
      segments.append(Segment(columns: columns, firstElement: first, starts: starts))
    }
    return (segments, index, values)
  }

  package var identity: KernelIdentity {
    let format: WeightFormat =
      switch values {
      case .floats: .float32
      case .codes: .int8
      }
    let zeros = 1 - Double(nonZeros) / Double(max(1, outputs * inputs))
    return KernelIdentity(
      .float32, .sparse(format, ZeroShares(zeros: zeros)), KernelCode(table.matrix.f32_spmm_info))
  }

  package var packedBytes: Int {
    let positions = index.byteCount + segments.reduce(0) { $0 + $1.starts.byteCount }
    return switch values {
    case .floats(let floats): positions + floats.byteCount
    case .codes(let codes, let scales, let floats):
      positions + codes.byteCount + scales.byteCount + floats.byteCount
    }
  }

  package func scratchBytes(rows: Int) -> Int {
    rows <= 1 ? 0 : blockRows(rows) * (segments.map(\.columns.count).max() ?? 0) * 4
  }

  /// Rows of the block kernel used next, `rows` being left.
  private func blockRows(_ rows: Int) -> Int {
    Int(rows <= few ? table.matrix.f32_spmm_few_info.rows : table.matrix.f32_spmm_info.rows)
  }

  private var few: Int { Int(table.matrix.f32_spmm_few_info.rows) }

  package func multiply(
    rows: Int, x: UnsafePointer<Float>, ldx: Int, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    guard rows > 0, outputs > 0 else { return }
    let m = table.matrix
    switch values {
    case .floats(let floats):
      multiply(
        Slots(one: m.f32_spmv, few: m.f32_spmm_few, many: m.f32_spmm), values: floats.start, stride: 4,
        scales: nil,
        floats: floats.start, rows: rows, x: x, ldx: ldx, y: y, ldy: ldy, epilogue: epilogue, scratch: scratch
      )
    case .codes(let codes, let scales, let floats):
      multiply(
        Slots(one: m.s8_spmv, few: m.s8_spmm_few, many: m.s8_spmm), values: codes.start, stride: 1,
        scales: scales.start, floats: floats.start, rows: rows, x: x, ldx: ldx, y: y, ldy: ldy,
        epilogue: epilogue,
        scratch: scratch)
    }
  }

  private struct Slots {
    typealias One =
      @convention(c) (
        Int, UnsafePointer<UInt32>, UnsafePointer<UInt16>, UnsafeRawPointer, UnsafePointer<Float>,
        UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafePointer<ck_f32_store>
      ) -> Void
    typealias Many =
      @convention(c) (
        Int, Int, UnsafePointer<UInt32>, UnsafePointer<UInt16>, UnsafeRawPointer, UnsafePointer<Float>,
        UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, UnsafePointer<ck_f32_store>
      ) -> Void
    let one: One
    let few: Many
    let many: Many
  }

  private func multiply(
    _ kernels: Slots, values: UnsafeRawPointer, stride valueBytes: Int, scales: UnsafePointer<Float>?,
    floats: UnsafePointer<Float>, rows: Int, x: UnsafePointer<Float>, ldx: Int,
    y: UnsafeMutablePointer<Float>,
    ldy: Int, epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    let turned = scratch.assumingMemoryBound(to: Float.self)
    var store = ck_f32_store(epilogue)
    var row = 0
    while row < rows {
      let block = rows == 1 ? 1 : blockRows(rows - row)
      let count = min(block, rows - row)
      for (i, segment) in segments.enumerated() {
        let from = x + (row * ldx + segment.columns.lowerBound)
        if block > 1 {
          // Lanes past the last row are computed and dropped: any number will do, but zeros cost least.
          if count < block { turned.update(repeating: 0, count: segment.columns.count * block) }
          table.matrix.f32_pack(count, segment.columns.count, from, ldx, turned, block)
        }
        store.accumulate = i > 0 ? 1 : 0
        store.finish = i == segments.count - 1 ? 1 : 0
        let columns = index.start + segment.firstElement
        let elements = values + segment.firstElement * valueBytes
        for column in stride(from: 0, to: outputs, by: Panels.width) {
          let width = min(Panels.width, outputs - column)
          let starts = segment.starts.start + column
          let out = y + (row * ldy + column)
          store.scale = scales.map { $0 + column }
          store.move(epilogue, row: row, column: column)
          if block == 1 {
            kernels.one(width, starts, columns, elements, floats, from, out, &store)
          } else {
            let kernel = block <= few ? kernels.few : kernels.many
            kernel(count, width, starts, columns, elements, floats, turned, out, ldy, &store)
          }
        }
      }
      row += count
    }
  }
}
