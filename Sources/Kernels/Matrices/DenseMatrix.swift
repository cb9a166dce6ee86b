import CKernels

/// Float weights in panels of 16 outputs.
package final class DenseMatrix: MatrixKernel {
  package let outputs: Int
  package let inputs: Int
  private let weights: AlignedBuffer<Float>
  private let tiles: FloatTiles

  /// Packs `weights` [outputs, inputs].
  package init(weights: UnsafeBufferPointer<Float>, outputs: Int, inputs: Int, table: KernelTable) {
    precondition(
      outputs >= 0 && inputs >= 0 && weights.count == outputs * inputs, "weights are [outputs, inputs]")
    self.outputs = outputs
    self.inputs = inputs
    tiles = FloatTiles(outputs: outputs, inputs: inputs, table: table)
    self.weights = AlignedBuffer(panels: weights, outputs: outputs, inputs: inputs)
  }

  package var identity: KernelIdentity {
    KernelIdentity(.float32, .dense(.float32), KernelCode(tiles.table.matrix.f32_gemm_info))
  }
  package var packedBytes: Int { weights.byteCount }
  package func scratchBytes(rows: Int) -> Int { tiles.scratchBytes(rows: rows, tile: false) }

  package func multiply(
    rows: Int, x: UnsafePointer<Float>, ldx: Int, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    tiles.multiply(
      Source(weights: weights.start, inputs: inputs), rows: rows, x: x, ldx: ldx, y: y, ldy: ldy,
      epilogue: epilogue, scratch: scratch)
  }

  private struct Source: PanelSource {
    let weights: UnsafePointer<Float>
    let inputs: Int
    var scale: UnsafePointer<Float>? { nil }
    var usesTile: Bool { false }

    func panels(_ first: Int, count: Int, k: Range<Int>, tile: UnsafeMutablePointer<Float>)
      -> (start: UnsafePointer<Float>, stride: Int)
    {
      (weights + (first * inputs + k.lowerBound) * Panels.width, inputs * Panels.width)
    }
  }
}
