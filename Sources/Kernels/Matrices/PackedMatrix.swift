import CKernels

/// Weights kept as codes of 8 to 1 bits, multiplied by floats.
///
/// One or two rows are turned to fixed point (24 bits, a step for each 32 inputs or so) and multiplied in exact byte
/// products where that is faster; up to four rows are multiplied straight from the codes; more rows share panels
/// unpacked to a tile in cache. Infinite inputs give infinities or NaN: the zero point is taken off after the sum
/// where rows are few.
package final class PackedMatrix: MatrixKernel {
  private let codes: PackedCodes
  /// Nil where codes stand for themselves.
  private let values: CodeTable?
  private let tiles: FloatTiles
  private let kernels: PackedKernels

  /// Packs `codes` [outputs, inputs], where weight = scale · (code − zeroPoint).
  ///
  /// Codes lie in `bits.signedCodes` or, where none is negative, in `bits.unsignedCodes`; single bits are −1 and
  /// +1, or 0 and 1. Without `groupSize`, `scales` holds one value or one per output; with it (a multiple of
  /// `PackedWidth.groupSizeUnit`), also one for each `groupSize` inputs of each output, the last group taking what is
  /// left: [outputs, ⌈inputs / groupSize⌉] by rows. `zeroPoints` likewise, or none.
  package init(
    codes: UnsafeBufferPointer<Int16>, outputs: Int, inputs: Int, bits: PackedWidth, scales: [Float],
    zeroPoints: [Int32] = [], groupSize: Int? = nil, table: KernelTable
  ) {
    self.codes = PackedCodes(
      codes: codes, outputs: outputs, inputs: inputs, bits: bits, scales: scales, zeroPoints: zeroPoints,
      groupSize: groupSize)
    values = nil
    kernels = table.packed(bits)
    tiles = FloatTiles(outputs: outputs, inputs: inputs, unit: bits.groupDepth, table: table)
  }

  /// Packs places [outputs, inputs] in the table `levels` of 16 values (4 bits each) or 256 (8 bits), where
  /// weight = scale · levels[place]: the 4-bit and 8-bit float formats, or any codebook.
  ///
  /// Places are below the table's count. `scales` and `groupSize` as for codes.
  package init(
    places: UnsafeBufferPointer<UInt8>, levels: [Float], outputs: Int, inputs: Int, scales: [Float],
    groupSize: Int? = nil, table: KernelTable
  ) {
    let values = CodeTable(levels)
    precondition(levels.count == 256 || places.allSatisfy { $0 < 16 }, "places are below the table's count")
    let bits = levels.count == 16 ? PackedWidth.four : .eight
    codes = PackedCodes(
      places: places, outputs: outputs, inputs: inputs, bits: bits, scales: scales.map { $0 * values.step },
      zero: values.zero, groupSize: groupSize)
    self.values = values
    kernels = table.tabled(bits, small: values.steps != nil)
    tiles = FloatTiles(outputs: outputs, inputs: inputs, unit: bits.groupDepth, table: table)
  }

  private init(copying other: PackedMatrix) {
    codes = PackedCodes(copying: other.codes)
    values = other.values
    kernels = other.kernels
    tiles = other.tiles
  }

  /// The same weights in memory of their own, as benchmarks want that keep a cache from helping.
  package func copy() -> PackedMatrix { PackedMatrix(copying: self) }

  package var outputs: Int { codes.outputs }
  package var inputs: Int { codes.inputs }
  package var bits: PackedWidth { codes.bits }
  package var identity: KernelIdentity {
    KernelIdentity(.float32, values == nil ? .packed(bits) : .codebook(bits), KernelCode(kernels.info))
  }
  package var packedBytes: Int { codes.byteCount }

  /// Rows multiplied straight from the codes.
  private var directRows: Int { Int(kernels.info.rows) }

  /// Rows multiplied in fixed point.
  private static let fixedRows = 2

  /// Sums of x, one for each row and block.
  private func sumCount(_ rows: Int) -> Int { rows * codes.blocks }

  package func scratchBytes(rows: Int) -> Int {
    guard rows <= directRows else { return tiles.scratchBytes(rows: rows, tile: true) }
    let rows = max(1, rows)
    let floats = rows * (codes.paddedInputs + 1) * 4
    let spans = kernels.fixed.map { (codes.paddedInputs + $0.span - 1) / $0.span } ?? 0
    let fixed = 3 * codes.paddedInputs + 12 * spans + 128
    return Panels.roundUp(sumCount(rows) * 4, 64) + max(floats, rows * fixed)
  }

  package func multiply(
    rows: Int, x: UnsafePointer<Float>, ldx: Int, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    guard rows > 0, outputs > 0 else { return }
    guard rows <= directRows else {
      return tiles.multiply(
        Source(codes: codes, levels: values?.levels.start, unpack: kernels.unpack), rows: rows, x: x,
        ldx: ldx, y: y, ldy: ldy, epilogue: epilogue, scratch: scratch)
    }
    let (sums, rest) = scratch.split(Float.self, sumCount(rows))
    if rows <= Self.fixedRows, let fixed = kernels.fixed,
      multiply(fixed, rows: rows, x: x, ldx: ldx, y: y, ldy: ldy, epilogue: epilogue, sums: sums, rest: rest)
    {
      return
    }
    let depth = codes.paddedInputs
    let prepared = rest.assumingMemoryBound(to: Float.self)
    // Table entries are whole already; codes stay where they lie in their words.
    let down: SIMD4<Float> = values == nil ? [1, 0x1p-8, 0x1p-16, 1] : [1, 1, 1, 1]
    for row in 0..<rows {
      prepare(
        x + row * ldx, down: down, into: prepared + row * depth, sums: sums + row * codes.blocks)
    }
    forEachPanel(epilogue) { columns, words, side, store, column in
      kernels.gemv(
        rows, columns, codes.groups, words, prepared, depth, side, sums, y + column, ldy, store)
    }
  }

  /// Multiplies in fixed point; false where a row has values that it cannot hold.
  private func multiply(
    _ fixed: PackedKernels.FixedPoint, rows: Int, x: UnsafePointer<Float>, ldx: Int,
    y: UnsafeMutablePointer<Float>, ldy: Int, epilogue: Epilogue, sums: UnsafeMutablePointer<Float>,
    rest: UnsafeMutableRawPointer
  ) -> Bool {
    let depth = codes.paddedInputs
    let limbCount = 3 * depth / 4
    let spans = (depth + fixed.span - 1) / fixed.span
    let limbs = rest.assumingMemoryBound(to: Int32.self)
    let steps = UnsafeMutablePointer<Float>(OpaquePointer(limbs + rows * limbCount))
    for row in 0..<rows {
      guard
        fixed.fix(
          inputs, depth, fixed.span, x + row * ldx, limbs + row * limbCount, steps + row * 3 * spans) != 0
      else { return false }
      blockSums(x + row * ldx, into: sums + row * codes.blocks)
    }
    forEachPanel(epilogue) { columns, words, side, store, column in
      for row in 0..<rows {
        fixed.multiply(
          columns, codes.groups, words, limbs + row * limbCount, steps + row * 3 * spans, side,
          sums + row * codes.blocks, y + (row * ldy + column), store)
        store.pointee.residual = epilogue.residual.map { $0 + ((row + 1) * epilogue.ldr + column) }
      }
    }
    return true
  }

  /// Calls `body` with each panel's outputs, words, side data, finishing step and first column.
  private func forEachPanel(
    _ epilogue: Epilogue,
    _ body: (
      Int, UnsafePointer<UInt32>, UnsafePointer<ck_packed_side>, UnsafeMutablePointer<ck_f32_store>, Int
    ) -> Void
  ) {
    var store = ck_f32_store(epilogue)
    for panel in 0..<Panels.count(outputs) {
      let column = panel * Panels.width
      store.move(epilogue, row: 0, column: column)
      var side = codes.side(panel: panel)
      side.levels = values.map { UnsafePointer($0.levels.start) }
      side.steps = values.flatMap { $0.steps }.map { UnsafePointer($0.start) }
      body(
        min(Panels.width, outputs - column), codes.words.start + panel * codes.wordsPerPanel, &side, &store,
        column)
    }
  }

  /// The sum of each block of x.
  private func blockSums(_ x: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>) {
    for block in 0..<codes.blocks {
      let first = block * codes.blockDepth
      let end = min(inputs, first + codes.blockDepth)
      var sum = SIMD8<Float>.zero
      var k = first
      while k + 8 <= end {
        sum += UnsafeRawPointer(x + k).loadUnaligned(as: SIMD8<Float>.self)
        k += 8
      }
      var total = sum.sum()
      while k < end {
        total += x[k]
        k += 1
      }
      sums[block] = total
    }
  }

  /// Writes x with k mod 4 = 0...3 scaled by `down`, zeros up to whole groups; and the sum of each block.
  private func prepare(
    _ x: UnsafePointer<Float>, down: SIMD4<Float>, into out: UnsafeMutablePointer<Float>,
    sums: UnsafeMutablePointer<Float>
  ) {
    let source = UnsafeRawPointer(x)
    let target = UnsafeMutableRawPointer(out)
    var k = 0
    while k + 4 <= inputs {
      let four = source.loadUnaligned(fromByteOffset: 4 * k, as: SIMD4<Float>.self)
      target.storeBytes(of: four * down, toByteOffset: 4 * k, as: SIMD4<Float>.self)
      k += 4
    }
    while k < codes.paddedInputs {
      out[k] = (k < inputs ? x[k] : 0) * down[k % 4]
      k += 1
    }
    blockSums(x, into: sums)
  }

  private struct Source: PanelSource {
    let codes: PackedCodes
    let levels: UnsafePointer<Float>?
    let unpack: PackedKernels.Unpack
    // Unpacked weights are scaled.
    var scale: UnsafePointer<Float>? { nil }
    var usesTile: Bool { true }

    func panels(_ first: Int, count: Int, k: Range<Int>, tile: UnsafeMutablePointer<Float>)
      -> (start: UnsafePointer<Float>, stride: Int)
    {
      let stride = Panels.maximumDepth * Panels.width
      let depth = codes.bits.groupDepth
      for i in 0..<count {
        let panel = codes.words.start + (first + i) * codes.wordsPerPanel
        var at = k.lowerBound
        while at < k.upperBound {
          let block = at / codes.blockDepth
          let end = min(k.upperBound, (block + 1) * codes.blockDepth)
          var side = codes.side(panel: first + i, block: block)
          side.levels = levels
          unpack(
            (end - at + depth - 1) / depth, panel + at / depth * codes.wordsPerGroup, &side,
            tile + i * stride + (at - k.lowerBound) * Panels.width)
          at = end
        }
      }
      return (UnsafePointer(tile), stride)
    }
  }
}
