import CKernels
import Kernels

enum GemmCases {
  static let all = [
    SlotCase(slot: "f32_gemm", info: { $0.f32_gemm_info }) { matrix, info, source in
      let tileRows = Int(info.rows)
      let rows = source.size(1...3 * tileRows, timed: 4 * tileRows)
      let outputs = source.size(1...16 * Int(info.panels), timed: 16 * Int(info.panels))
      let k = source.size(0...70, timed: 256)
      let panel = 16 * (k + source.gap())
      let x = source.floats(rows * k)
      let b = source.floats(2 * panel)
      // By rows, by columns, or packed in tiles.
      let form = source.size(0...2, timed: 2)
      let a = Memory<Float>(rows * k)
      for i in 0..<rows {
        let first = i / tileRows * tileRows
        let together = min(tileRows, rows - first)
        for p in 0..<k {
          a[form == 0 ? i * k + p : form == 1 ? p * rows + i : first * k + p * together + i - first] =
            x[i * k + p]
        }
      }
      let (row, step) = [(k, 1), (1, rows), (0, 0)][form]
      let tile = FloatTile(rows: rows, outputs: outputs, &source)
      return Trial(
        label: "\(rows)x\(outputs)x\(k)", work: .floats(2 * Double(rows * outputs * k)),
        run: {
          matrix.f32_gemm(
            rows, outputs, k, a.start, row, step, b.start, panel, tile.y.start, tile.stride, &tile.store)
        },
        error: {
          tile.error(size: { _, _ in Double(k).squareRoot() }) { i, n in
            (0..<k).reduce(0) {
              $0 + Double(x[i * k + $1]) * Double(b[n / 16 * panel + $1 * 16 + n % 16])
            }
          }
        })
    },
    SlotCase(slot: "f32_pack", info: { $0.f32_pack_info }) { matrix, info, source in
      let rows = source.size(1...12, timed: 12)
      let k = source.size(0...40, timed: 1024)
      let (stride, step) = (k + source.gap(), rows + source.gap())
      let x = source.floats(rows * stride)
      let out = Memory<Float>(k * step)
      return Trial(
        label: "\(rows)x\(k)", work: .bytes(8 * Double(rows * k)),
        run: { matrix.f32_pack(rows, k, x.start, stride, out.start, step) },
        error: {
          let right = (0..<k * step).allSatisfy { at in
            at % step < rows ? out[at] == x[at % step * stride + at / step] : out.isUntouched(at)
          }
          return right && out.isIntact ? 0 : .infinity
        })
    },
  ]
}
