import CKernels

/// Where the float tile driver takes its panels from.
protocol PanelSource {
  /// Multiplies each output before the bias; null for 1.
  var scale: UnsafePointer<Float>? { get }
  /// The same for every output: as many equal values as a tile has outputs; null for 1.
  var uniformScale: UnsafePointer<Float>? { get }
  /// Whether `panels` writes to the tile it is given.
  var usesTile: Bool { get }
  /// Panels `first..<first + count` over the block `k`, as floats, and the distance between them.
  func panels(_ first: Int, count: Int, k: Range<Int>, tile: UnsafeMutablePointer<Float>)
    -> (start: UnsafePointer<Float>, stride: Int)
}

extension PanelSource {
  var uniformScale: UnsafePointer<Float>? { nil }
}

/// Multiplies by any matrix that yields float panels: blocks of rows, then of k, then panels, then tiles.
struct FloatTiles {
  let outputs: Int
  let inputs: Int
  /// Steps of k that panels cannot be cut within.
  var unit = 8
  let table: KernelTable

  private func depth(rows: Int, tile: Bool) -> Int {
    // One or two rows read each weight once: cutting k would only add passes over y.
    !tile && rows <= 2 ? max(1, inputs) : Panels.depth(inputs, unit: unit)
  }

  func scratchBytes(rows: Int, tile: Bool) -> Int {
    let depth = depth(rows: rows, tile: tile)
    let packed = Panels.roundUp(min(rows, Panels.rows(depth: depth)) * depth * 4, 64)
    return packed
      + (tile ? Int(table.matrix.f32_gemm_info.panels) * Panels.maximumDepth * Panels.width * 4 : 0)
  }

  func multiply<Source: PanelSource>(
    _ source: Source, rows: Int, x: UnsafePointer<Float>, ldx: Int, y: UnsafeMutablePointer<Float>, ldy: Int,
    epilogue: Epilogue, scratch: UnsafeMutableRawPointer
  ) {
    guard rows > 0, outputs > 0 else { return }
    let gemm = table.matrix.f32_gemm
    let pack = table.matrix.f32_pack
    let tileRows = Int(table.matrix.f32_gemm_info.rows)
    let tilePanels = Int(table.matrix.f32_gemm_info.panels)
    let depth = depth(rows: rows, tile: source.usesTile)
    let (packed, rest) = scratch.split(Float.self, min(rows, Panels.rows(depth: depth)) * depth)
    let rowsPerBlock = Panels.rows(depth: depth)
    let tile = rest.assumingMemoryBound(to: Float.self)
    let panelCount = Panels.count(outputs)
    let packs = rows > 1 && panelCount >= 4
    var store = ck_f32_store(epilogue)

    for rowBlock in stride(from: 0, to: rows, by: rowsPerBlock) {
      let blockRows = min(rowsPerBlock, rows - rowBlock)
      var k = 0
      repeat {  // Once even without inputs: the epilogue still applies.
        let end = min(inputs, k + depth)
        if packs {
          for row in stride(from: 0, to: blockRows, by: tileRows) {
            let from = x + ((rowBlock + row) * ldx + k)
            let count = min(tileRows, blockRows - row)
            pack(count, end - k, from, ldx, packed + row * (end - k), count)
          }
        }
        store.accumulate = k > 0 ? 1 : 0
        store.finish = end == inputs ? 1 : 0
        for panel in stride(from: 0, to: panelCount, by: tilePanels) {
          let count = min(tilePanels, panelCount - panel)
          let weights = source.panels(panel, count: count, k: k..<end, tile: tile)
          let column = panel * Panels.width
          let columns = min(count * Panels.width, outputs - column)
          store.scale = source.scale.map { $0 + column } ?? source.uniformScale
          store.move(epilogue, row: rowBlock, column: column)
          gemm(
            blockRows, columns, end - k, packs ? UnsafePointer(packed) : x + (rowBlock * ldx + k), ldx,
            packs ? 0 : 1, weights.start, weights.stride, y + (rowBlock * ldy + column), ldy, &store)
        }
        k = end
      } while k < inputs
    }
  }
}
