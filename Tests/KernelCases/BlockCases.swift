import CKernels
import Kernels

/// Strips of 8 outputs, each with the inputs that any of its outputs keeps.
enum BlockCases {
  static let all = [
    SlotCase(slot: "f32_block", info: { $0.f32_block_info }) { matrix, info, source in
      let rows = source.size(1...Int(info.rows), timed: Int(info.rows))
      let outputs = source.size(1...16, timed: 16)
      let inputs = source.size(1...60, timed: 1024)
      let starts = Memory<UInt32>(3)
      starts[0] = 0
      for h in 0..<2 { starts[h + 1] = starts[h] + UInt32(source.size(0...19, timed: inputs / 10)) }
      let count = Int(starts[2])
      let index = source.values(count) { UInt32($0.integer(0...inputs - 1)) }
      let values = source.floats(count * 8)
      let step = rows + source.gap()
      let x = source.floats(inputs * step)
      let tile = FloatTile(rows: rows, outputs: outputs, &source)
      return Trial(
        label: "\(rows) rows, \(count) inputs of 8 outputs", work: .floats(2 * Double(rows * count * 8)),
        run: {
          matrix.f32_block(
            rows, outputs, starts.start, index.start, values.start, x.start, step, tile.y.start, tile.stride,
            &tile.store)
        },
        error: {
          tile.error(size: { _, _ in 8 }) { i, n in
            (Int(starts[n / 8])..<Int(starts[n / 8 + 1])).reduce(0) {
              $0 + Double(values[$1 * 8 + n % 8]) * Double(x[Int(index[$1]) * step + i])
            }
          }
        })
    }
  ]
}
