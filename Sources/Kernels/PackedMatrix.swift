import CKernels

/// Weights kept as codes of 8 to 1 bits, multiplied by floats.
///
/// Up to four rows are multiplied straight from the codes; more rows share panels unpacked to a tile in cache.
/// Infinite inputs give infinities or NaN: the zero point is taken off after the sum where rows are few.
package final class PackedMatrix: MatrixKernel {
  private let codes: PackedCodes
  private let zeros: AlignedBuffer<Float>
  private let tiles: FloatTiles
  private let kernels: PackedKernels

  /// Packs `codes` [outputs, inputs], where weight = scale · (code − zeroPoint).
  ///
  /// Codes lie in `bits.signedCodes` or, where none is negative, in `bits.unsignedCodes`; single bits are −1 and
  /// +1, or 0 and 1. `scales` holds one value or one per output; `zeroPoints` none, one, or one per output.
  package init(
    codes: UnsafeBufferPointer<Int16>, outputs: Int, inputs: Int, bits: PackedWidth, scales: [Float],
    zeroPoints: [Int32] = [], table: KernelTable
  ) {
    self.codes = PackedCodes(
      codes: codes, outputs: outputs, inputs: inputs, bits: bits, scales: scales, zeroPoints: zeroPoints)
    zeros = AlignedBuffer(zeros: Panels.padded(outputs))
    for n in 0..<outputs { zeros.start[n] = Float(self.codes.zeros.start[n]) }
    tiles = FloatTiles(outputs: outputs, inputs: inputs, unit: bits.groupDepth, table: table)
    kernels = table.packed(bits)
  }

  package var outputs: Int { codes.outputs }
  package var inputs: Int { codes.inputs }
  package var bits: PackedWidth { codes.bits }
  package var name: String { "f32 × \(bits) \(kernels.info.shown)" }
  package var packedBytes: Int { codes.byteCount }

  /// Rows multiplied straight from the codes.
  private var directRows: Int { Int(kernels.info.rows) }

  package func scratchBytes(rows: Int) -> Int {
    rows <= directRows
      ? max(1, rows) * (codes.paddedInputs + 1) * 4 + 64 : tiles.scratchBytes(rows: rows, tile: true)
  }

  package func multiply(
    rows: Int, x: UnsafePointer<Float>, ldx: Int, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    guard rows > 0, outputs > 0 else { return }
    guard rows <= directRows else {
      return tiles.multiply(
        Source(codes: codes, zeros: zeros.start, unpack: kernels.unpack), rows: rows, x: x, ldx: ldx, y: y,
        ldy: ldy, epilogue: epilogue, scratch: scratch)
    }
    let depth = codes.paddedInputs
    let (sums, rest) = scratch.split(Float.self, rows)
    let prepared = rest.assumingMemoryBound(to: Float.self)
    for row in 0..<rows {
      sums[row] = Self.prepare(x + row * ldx, count: inputs, padded: depth, into: prepared + row * depth)
    }
    var store = ck_f32_store(epilogue)
    for panel in 0..<Panels.count(outputs) {
      let column = panel * Panels.width
      store.scale = UnsafePointer(codes.scales.start + column)
      store.move(epilogue, row: 0, column: column)
      kernels.gemv(
        rows, min(Panels.width, outputs - column), codes.groups,
        codes.words.start + panel * codes.wordsPerPanel,
        prepared, depth, zeros.start + column, sums, y + column, ldy, &store)
    }
  }

  /// Scales k mod 4 = 1 and 2 by 2^-8 and 2^-16, where the kernels leave codes unshifted; returns the plain sum.
  private static func prepare(
    _ x: UnsafePointer<Float>, count: Int, padded: Int, into out: UnsafeMutablePointer<Float>
  ) -> Float {
    let down = SIMD4<Float>(1, 0x1p-8, 0x1p-16, 1)
    let source = UnsafeRawPointer(x)
    let target = UnsafeMutableRawPointer(out)
    var sum = SIMD4<Float>.zero
    var k = 0
    while k + 4 <= count {
      let four = source.loadUnaligned(fromByteOffset: 4 * k, as: SIMD4<Float>.self)
      sum += four
      target.storeBytes(of: four * down, toByteOffset: 4 * k, as: SIMD4<Float>.self)
      k += 4
    }
    while k < padded {
      let value = k < count ? x[k] : 0
      sum[k % 4] += value
      out[k] = value * down[k % 4]
      k += 1
    }
    return sum.sum()
  }

  private struct Source: PanelSource {
    let codes: PackedCodes
    let zeros: UnsafePointer<Float>
    let unpack: PackedKernels.Unpack
    var scale: UnsafePointer<Float>? { UnsafePointer(codes.scales.start) }
    var usesTile: Bool { true }

    func panels(_ first: Int, count: Int, k: Range<Int>, tile: UnsafeMutablePointer<Float>)
      -> (start: UnsafePointer<Float>, stride: Int)
    {
      let stride = Panels.maximumDepth * Panels.width
      let depth = codes.bits.groupDepth
      let groups = (k.upperBound - k.lowerBound + depth - 1) / depth
      for i in 0..<count {
        let words =
          codes.words.start + (first + i) * codes.wordsPerPanel + k.lowerBound / depth * codes.wordsPerGroup
        unpack(groups, words, zeros + (first + i) * Panels.width, tile + i * stride)
      }
      return (UnsafePointer(tile), stride)
    }
  }
}
