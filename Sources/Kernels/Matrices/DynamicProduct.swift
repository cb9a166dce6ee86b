import CKernels

/// C = activation(alpha · A · B + bias + residual), or with Bᵀ, where neither is constant, as in attention.
package struct DynamicProduct: Sendable {
  private let table: KernelTable

  package init(table: KernelTable) { self.table = table }

  package var identity: KernelIdentity {
    KernelIdentity(.float32, .computed, KernelCode(table.matrix.f32_gemm_info))
  }

  /// Bytes of scratch a product [m, k] · [k, n] needs.
  package func scratchBytes(m: Int, n: Int, k: Int) -> Int {
    let tiles = FloatTiles(outputs: n, inputs: k, table: table)
    return tiles.scratchBytes(rows: m, tile: true) + 64 + Panels.width * tilePanels * 4
  }

  private var tilePanels: Int { Int(table.matrix.f32_gemm_info.panels) }

  /// C [m, n] from A [m, k] and B [k, n], or B [n, k] where `transposed`; rows lda, ldb, ldc floats apart.
  /// - Parameter scratch: `scratchBytes(m:n:k:)` bytes, 64-byte aligned.
  package func multiply(
    m: Int, n: Int, k: Int, a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int,
    transposed: Bool,
    c: UnsafeMutablePointer<Float>, ldc: Int, alpha: Float = 1, epilogue: Epilogue = Epilogue(),
    scratch: UnsafeMutableRawPointer
  ) {
    guard m > 0, n > 0 else { return }
    let (scale, rest) = scratch.split(Float.self, Panels.width * tilePanels)
    scale.update(repeating: alpha, count: Panels.width * tilePanels)
    let source = Source(
      b: b, ldb: ldb, outputs: n, transposed: transposed, pack: table.matrix.f32_pack, alpha: scale)
    FloatTiles(outputs: n, inputs: k, table: table).multiply(
      source, rows: m, x: a, ldx: lda, y: c, ldy: ldc, epilogue: epilogue, scratch: rest)
  }

  private struct Source: PanelSource {
    let b: UnsafePointer<Float>
    let ldb: Int
    let outputs: Int
    let transposed: Bool
    let pack: @convention(c) (Int, Int, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>, Int) -> Void
    let alpha: UnsafePointer<Float>
    var scale: UnsafePointer<Float>? { nil }
    var uniformScale: UnsafePointer<Float>? { alpha }
    var usesTile: Bool { true }

    func panels(_ first: Int, count: Int, k: Range<Int>, tile: UnsafeMutablePointer<Float>)
      -> (start: UnsafePointer<Float>, stride: Int)
    {
      let stride = Panels.maximumDepth * Panels.width
      for i in 0..<count {
        let column = (first + i) * Panels.width
        let width = min(Panels.width, outputs - column)
        let out = tile + i * stride
        // Outputs past the last are computed and dropped: zeros cost least.
        if width < Panels.width { out.update(repeating: 0, count: k.count * Panels.width) }
        if transposed {
          pack(width, k.count, b + (column * ldb + k.lowerBound), ldb, out, Panels.width)
        } else {
          for p in 0..<k.count {
            (out + p * Panels.width).update(from: b + ((k.lowerBound + p) * ldb + column), count: width)
          }
        }
      }
      return (UnsafePointer(tile), stride)
    }
  }
}
