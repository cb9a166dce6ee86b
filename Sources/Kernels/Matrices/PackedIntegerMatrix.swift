import CKernels

/// Weights kept as codes of 6 to 1 bits, multiplied by bytes with integer dot products.
///
/// Each panel is unpacked to bytes in cache and shared by all rows. The fewer the bits, the more products fit 16 bits
/// before they have to be widened, and the faster it is.
package final class PackedIntegerMatrix: TiledIntegerMatrix {
  let tiles: IntegerTiles
  let side: IntegerOutputs
  private let codes: PackedCodes
  private let quads: PackedKernels.Quads
  /// Taken off the packed, unsigned codes: the smaller they are, the more fit.
  private let minus: Int8

  /// Packs `codes` as `PackedMatrix` does, with one scale and zero point per output at most; `bits` is below eight
  /// (`IntegerMatrix` is the form for eight), `inputs` at most `IntegerMatrix.maximumInputs`.
  package init(
    codes: UnsafeBufferPointer<Int16>, outputs: Int, inputs: Int, bits: PackedWidth, scales: [Float],
    zeroPoints: [Int32] = [], table: KernelTable
  ) {
    precondition(bits != .eight, "8-bit weights take IntegerMatrix")
    let packed = PackedCodes(
      codes: codes, outputs: outputs, inputs: inputs, bits: bits, scales: scales, zeroPoints: zeroPoints,
      groupSize: nil)
    precondition(
      (0..<outputs).allSatisfy { packed.zeros.start[$0].magnitude <= 255 }, "zero points lie near the codes")
    let minus = bits.levels > 8 ? Int32(bits.levels / 2) : 0
    tiles = IntegerTiles(
      outputs: outputs, inputs: inputs, pair: bits.levels > 8 ? bits.levels : 16, table: table)
    let sums = AlignedBuffer<Int32>(zeros: Panels.padded(outputs))
    let zeros = AlignedBuffer<Int32>(zeros: Panels.padded(outputs))
    let negative = codes.contains { $0 < 0 }
    let base = Int32(negative ? bits.signedCodes.lowerBound : 0)
    // A packed bit counts 2: from -1 and +1 that is 0 and 2 as well, from 0 and 1 twice the code.
    let factor: Int32 = bits == .one && !negative ? 2 : 1
    if let first = codes.baseAddress {
      for n in 0..<outputs {
        var sum: Int32 = 0
        for k in 0..<inputs { sum &+= Int32(first[n * inputs + k]) }
        sums.start[n] = factor * sum - (base + minus) * Int32(inputs)
        zeros.start[n] = Int32(packed.zeros.start[n]) - minus
      }
    }
    self.codes = packed
    self.minus = Int8(minus)
    side = IntegerOutputs(scales: packed.scales, columnSums: sums, zeroPoints: zeros)
    quads = table.quads(bits)
  }

  package var bits: PackedWidth { codes.bits }
  package var identity: KernelIdentity { KernelIdentity(.int8, .packed(bits), KernelCode(tiles.info)) }
  package var packedBytes: Int { codes.byteCount + side.columnSums.byteCount }

  var source: Source { Source(codes: codes, quads: quads, minus: minus) }

  struct Source: IntegerPanelSource {
    let codes: PackedCodes
    let quads: PackedKernels.Quads
    let minus: Int8
    var panelBytes: Int { codes.paddedInputs * Panels.width }
    var usesTile: Bool { true }

    func panels(_ first: Int, count: Int, tile: UnsafeMutablePointer<Int8>) -> UnsafePointer<Int8> {
      for i in 0..<count {
        quads(
          codes.groups, codes.words.start + (first + i) * codes.wordsPerPanel, minus, tile + i * panelBytes)
      }
      return UnsafePointer(tile)
    }
  }
}
