import CKernels

/// Weights kept as codes of 6 to 1 bits, multiplied by bytes with integer dot products.
///
/// Each panel is unpacked to bytes in cache and shared by all rows.
package final class PackedIntegerMatrix: IntegerMatrixKernel {
  private let codes: PackedCodes
  private let tiles: IntegerTiles
  private let side: IntegerOutputs
  private let kernels: PackedKernels

  /// Packs `codes` as `PackedMatrix` does; `bits` is below eight (`IntegerMatrix` is the form for eight), `inputs`
  /// at most `IntegerMatrix.maximumInputs`.
  package init(
    codes: UnsafeBufferPointer<Int16>, outputs: Int, inputs: Int, bits: PackedWidth, scales: [Float],
    zeroPoints: [Int32] = [], table: KernelTable
  ) {
    precondition(bits != .eight, "8-bit weights take IntegerMatrix")
    let packed = PackedCodes(
      codes: codes, outputs: outputs, inputs: inputs, bits: bits, scales: scales, zeroPoints: zeroPoints)
    precondition(
      (0..<outputs).allSatisfy { packed.zeros.start[$0].magnitude <= 255 }, "zero points lie near the codes")
    // Unpacked codes are at most 63: any pair is narrow.
    tiles = IntegerTiles(outputs: outputs, inputs: inputs, narrow: true, table: table)
    let sums = AlignedBuffer<Int32>(zeros: Panels.padded(outputs))
    let base = Int32((codes.min() ?? 0) < 0 ? bits.signedCodes.lowerBound : 0)
    for n in 0..<outputs {
      for k in 0..<inputs {
        let code = Int32(codes[n * inputs + k]) - base
        sums.start[n] += bits == .one && base == 0 ? 2 * code : code
      }
    }
    self.codes = packed
    side = IntegerOutputs(scales: packed.scales, columnSums: sums, zeroPoints: packed.zeros)
    kernels = table.packed(bits)
  }

  package var outputs: Int { codes.outputs }
  package var inputs: Int { codes.inputs }
  package var bits: PackedWidth { codes.bits }
  package var name: String { "u8 × \(bits) \(tiles.info.shown)" }
  package var packedBytes: Int { codes.byteCount + side.columnSums.byteCount }
  package func scratchBytes(rows: Int) -> Int { tiles.scratchBytes(rows: rows, tileBytes: source.panelBytes) }

  package func multiply(
    rows: Int, x: UnsafePointer<UInt8>, ldx: Int, input: ByteScale, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    tiles.multiply(
      source, side, rows: rows, x: x, ldx: ldx, input: input, y: y, ldy: ldy, output: nil, epilogue: epilogue,
      scratch: scratch)
  }

  package func multiply(
    rows: Int, x: UnsafePointer<UInt8>, ldx: Int, input: ByteScale, y: UnsafeMutablePointer<UInt8>, ldy: Int,
    output: ByteScale, epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    tiles.multiply(
      source, side, rows: rows, x: x, ldx: ldx, input: input, y: y, ldy: ldy, output: output,
      epilogue: epilogue,
      scratch: scratch)
  }

  private var source: Source { Source(codes: codes, quads: kernels.quads) }

  private struct Source: IntegerPanelSource {
    let codes: PackedCodes
    let quads: PackedKernels.Quads
    var panelBytes: Int { codes.paddedInputs * Panels.width }

    func panels(_ first: Int, count: Int, tile: UnsafeMutablePointer<Int8>) -> UnsafePointer<Int8> {
      for i in 0..<count {
        let out = UnsafeMutableRawPointer(tile + i * panelBytes).assumingMemoryBound(to: UInt8.self)
        quads(codes.groups, codes.words.start + (first + i) * codes.wordsPerPanel, out)
      }
      return UnsafePointer(tile)
    }
  }
}
