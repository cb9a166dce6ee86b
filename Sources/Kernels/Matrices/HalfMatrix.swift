import CKernels

/// 16-bit number formats weights may be stored in.
package enum HalfFormat: Sendable, CustomStringConvertible {
  /// IEEE 754 binary16.
  case float16
  /// The upper half of a binary32.
  case bfloat16

  package var description: String {
    switch self {
    case .float16: "f16"
    case .bfloat16: "bf16"
    }
  }
}

/// Weights kept in 16 bits and widened in registers, or in a tile in cache where rows are many.
package final class HalfMatrix: MatrixKernel {
  package let outputs: Int
  package let inputs: Int
  package let format: HalfFormat
  private let weights: AlignedBuffer<UInt16>
  private let tiles: FloatTiles

  /// Packs `weights` [outputs, inputs], given as bit patterns of `format`.
  package init(
    weights: UnsafeBufferPointer<UInt16>, format: HalfFormat, outputs: Int, inputs: Int, table: KernelTable
  ) {
    precondition(
      outputs >= 0 && inputs >= 0 && weights.count == outputs * inputs, "weights are [outputs, inputs]")
    self.outputs = outputs
    self.inputs = inputs
    self.format = format
    self.weights = AlignedBuffer(panels: weights, outputs: outputs, inputs: inputs)
    tiles = FloatTiles(outputs: outputs, inputs: inputs, table: table)
  }

  package var identity: KernelIdentity {
    let info = format == .float16 ? tiles.table.matrix.f16_gemv_info : tiles.table.matrix.bf16_gemv_info
    return KernelIdentity(.float32, .dense(.half(format)), KernelCode(info))
  }
  package var packedBytes: Int { weights.byteCount }

  /// Rows multiplied straight from 16 bits.
  private var directRows: Int { Int(tiles.table.matrix.f16_gemv_info.rows) }

  package func scratchBytes(rows: Int) -> Int {
    rows <= directRows ? 0 : tiles.scratchBytes(rows: rows, tile: true)
  }

  package func multiply(
    rows: Int, x: UnsafePointer<Float>, ldx: Int, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    guard rows > 0, outputs > 0 else { return }
    let matrix = tiles.table.matrix
    guard rows <= directRows else {
      let unpack = format == .float16 ? matrix.f16_unpack : matrix.bf16_unpack
      return tiles.multiply(
        Source(weights: weights.start, inputs: inputs, unpack: unpack), rows: rows, x: x, ldx: ldx, y: y,
        ldy: ldy,
        epilogue: epilogue, scratch: scratch)
    }
    let gemv = format == .float16 ? matrix.f16_gemv : matrix.bf16_gemv
    var store = ck_f32_store(epilogue)
    for panel in 0..<Panels.count(outputs) {
      let column = panel * Panels.width
      store.move(epilogue, row: 0, column: column)
      gemv(
        rows, min(Panels.width, outputs - column), inputs, x, ldx, weights.start + column * inputs,
        y + column, ldy,
        &store)
    }
  }

  private struct Source: PanelSource {
    let weights: UnsafePointer<UInt16>
    let inputs: Int
    let unpack: @convention(c) (Int, UnsafePointer<UInt16>, UnsafeMutablePointer<Float>) -> Void
    var scale: UnsafePointer<Float>? { nil }
    var usesTile: Bool { true }

    func panels(_ first: Int, count: Int, k: Range<Int>, tile: UnsafeMutablePointer<Float>)
      -> (start: UnsafePointer<Float>, stride: Int)
    {
      let stride = Panels.maximumDepth * Panels.width
      for i in 0..<count {
        unpack(k.count, weights + ((first + i) * inputs + k.lowerBound) * Panels.width, tile + i * stride)
      }
      return (UnsafePointer(tile), stride)
    }
  }
}
