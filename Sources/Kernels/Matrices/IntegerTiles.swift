import CKernels

/// Where the integer tile driver takes its panels from.
protocol IntegerPanelSource {
  /// Bytes of one panel.
  var panelBytes: Int { get }
  /// Whether `panels` writes to the tile it is given.
  var usesTile: Bool { get }
  /// Panels `first..<first + count` in the kernel's depth, `panelBytes` apart.
  func panels(_ first: Int, count: Int, tile: UnsafeMutablePointer<Int8>) -> UnsafePointer<Int8>
}

/// What every integer form knows of its outputs besides their weights.
struct IntegerOutputs: Sendable {
  let scales: AlignedBuffer<Float>
  let columnSums: AlignedBuffer<Int32>
  /// Nil where all are zero.
  let zeroPoints: AlignedBuffer<Int32>?

  var byteCount: Int { scales.byteCount + columnSums.byteCount + (zeroPoints?.byteCount ?? 0) }
}

/// Multiplies bytes by any matrix that yields integer panels: blocks of rows, then panels, then tiles.
struct IntegerTiles: @unchecked Sendable {  // Holds addresses of functions.
  typealias Gemm =
    @convention(c) (
      Int, Int, Int, UnsafeRawPointer, UnsafePointer<Int8>, Int, UnsafeMutableRawPointer, Int,
      UnsafePointer<ck_integer_store>
    ) -> Void
  typealias Pack =
    @convention(c) (
      Int, Int, UnsafePointer<UInt8>, Int, UnsafeMutableRawPointer, UnsafeMutablePointer<Int32>?
    ) -> Void

  /// Sums of at most this many products of differences (255 · 255 each) fit 32 bits.
  static let maximumInputs = 33_024

  let outputs: Int
  let inputs: Int
  let gemm: Gemm
  let pack: Pack
  let info: ck_kernel_info

  /// - Parameter pair: the largest |w0| + |w1| of neighbouring weights; the smaller, the faster the kernel.
  init(outputs: Int, inputs: Int, pair: Int, table: KernelTable) {
    precondition(
      inputs <= Self.maximumInputs, "integer sums over more than \(Self.maximumInputs) inputs overflow")
    self.outputs = outputs
    self.inputs = inputs
    let m = table.matrix
    (gemm, info) =
      switch pair {
      case ...16: (m.u8s4_gemm, m.u8s4_gemm_info)
      case ...32: (m.u8s5_gemm, m.u8s5_gemm_info)
      case ...64: (m.u8s6_gemm, m.u8s6_gemm_info)
      case ...128: (m.u8s7_gemm, m.u8s7_gemm_info)
      default: (m.u8s8_gemm, m.u8s8_gemm_info)
      }
    pack = info.depth == 2 ? m.u8_pack_pairs : m.u8_pack_quads
  }

  var depth: Int { Int(info.depth) }
  var groups: Int { (inputs + depth - 1) / depth }
  /// Bytes of one packed row: pairs lie as 16-bit numbers.
  private var rowBytes: Int { groups * 4 }
  private var tileRows: Int { Int(info.rows) }

  /// Rows whose packed form fills about half a second-level cache.
  private func blockRows(_ rows: Int) -> Int {
    min(rows, max(tileRows, 196_608 / max(1, rowBytes) / tileRows * tileRows))
  }

  func scratchBytes(rows: Int, tileBytes: Int) -> Int {
    let rows = blockRows(max(1, rows))
    return Panels.roundUp(rows * rowBytes, 64) + Panels.roundUp(rows * 4, 64) + Int(info.panels) * tileBytes
  }

  /// Multiplies into y: float where `output` is nil, else bytes.
  func multiply<Source: IntegerPanelSource>(
    _ source: Source, _ side: IntegerOutputs, rows: Int, x: UnsafePointer<UInt8>, ldx: Int, input: ByteScale,
    y: UnsafeMutableRawPointer, ldy: Int, output: ByteScale?, epilogue: Epilogue,
    scratch: UnsafeMutableRawPointer
  ) {
    guard rows > 0, outputs > 0 else { return }
    let block = blockRows(rows)
    let (packed, afterRows) = scratch.split(UInt8.self, block * rowBytes)
    let (sums, afterSums) = afterRows.split(Int32.self, block)
    let tile = afterSums.assumingMemoryBound(to: Int8.self)
    let elementBytes = output == nil ? 4 : 1
    let tilePanels = Int(info.panels)
    let panelCount = Panels.count(outputs)
    let bounds = epilogue.activation.bounds
    var store = ck_integer_store(
      column_sums: side.columnSums.start, zero_points: nil, row_sums: sums, scale: side.scales.start,
      bias: nil,
      residual: nil, residual_stride: epilogue.ldr, x_scale: input.scale, lo: bounds.low, hi: bounds.high,
      out_scale: output?.scale ?? 1, x_zero: input.zeroPoint, k: Int32(inputs),
      out_zero: output?.zeroPoint ?? 0, quantize: output == nil ? 0 : 1)

    for rowBlock in stride(from: 0, to: rows, by: block) {
      let count = min(block, rows - rowBlock)
      for row in stride(from: 0, to: count, by: tileRows) {
        pack(
          min(tileRows, count - row), inputs, x + (rowBlock + row) * ldx, ldx, packed + row * rowBytes,
          side.zeroPoints == nil ? nil : sums + row)
      }
      for panel in stride(from: 0, to: panelCount, by: tilePanels) {
        let panels = min(tilePanels, panelCount - panel)
        let weights = source.panels(panel, count: panels, tile: tile)
        let column = panel * Panels.width
        let columns = min(panels * Panels.width, outputs - column)
        store.column_sums = UnsafePointer(side.columnSums.start + column)
        store.zero_points = side.zeroPoints.map { UnsafePointer($0.start + column) }
        store.scale = UnsafePointer(side.scales.start + column)
        store.bias = epilogue.bias.map { $0 + column }
        store.residual = epilogue.residual.map { $0 + rowBlock * epilogue.ldr + column }
        gemm(
          count, columns, groups, packed, weights, source.panelBytes,
          y + (rowBlock * ldy + column) * elementBytes, ldy, &store)
      }
    }
  }
}
