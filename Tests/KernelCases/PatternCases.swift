import CKernels
import Kernels

/// Weights that keep the same few of each run along k.
enum PatternCases {
  static let all = [
    pattern("f32_pattern1of4", 1, of: 4, info: { $0.f32_pattern1of4_info }, kernel: { $0.f32_pattern1of4 }),
    pattern("f32_pattern2of4", 2, of: 4, info: { $0.f32_pattern2of4_info }, kernel: { $0.f32_pattern2of4 }),
    pattern("f32_pattern1of8", 1, of: 8, info: { $0.f32_pattern1of8_info }, kernel: { $0.f32_pattern1of8 }),
    pattern("f32_pattern2of8", 2, of: 8, info: { $0.f32_pattern2of8_info }, kernel: { $0.f32_pattern2of8 }),
    pattern("f32_pattern4of8", 4, of: 8, info: { $0.f32_pattern4of8_info }, kernel: { $0.f32_pattern4of8 }),
  ]

  private static func pattern(
    _ slot: String, _ kept: Int, of run: Int,
    info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    kernel:
      @escaping @Sendable (ck_matrix_table) ->
      @convention(c) (
        Int, Int, Int, UnsafePointer<UInt32>, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>, Int,
        UnsafePointer<ck_f32_store>
      ) -> Void
  ) -> SlotCase {
    SlotCase(slot: slot, info: info) { matrix, info, source in
      // Places in a word, and the bits of each.
      let (places, bits) = run == 4 ? (16, 2) : (8, 4)
      let inputs = places / kept * run
      let rows = source.size(1...Int(info.rows), timed: 1)
      let outputs = source.size(1...16, timed: 16)
      let groups = source.size(0...4, timed: 1024 / inputs)
      let words = 16 * (1 + places)
      let panel = source.values(groups * words) { source -> UInt32 in
        source.float(-1...1).bitPattern
      }
      for g in 0..<groups {
        for n in 0..<16 {
          let places = UInt32.random(in: 0...(.max), using: &source)
          panel[g * words + n] = run == 4 ? places : places & 0x7777_7777
        }
      }
      let stride = groups * inputs + source.gap()
      let x = source.floats(rows * stride)
      let tile = FloatTile(rows: rows, outputs: outputs, &source)
      let kernel = kernel(matrix)
      return Trial(
        label: "\(rows)x\(outputs)x\(groups * inputs)", work: .bytes(Double(4 * groups * words)),
        run: {
          kernel(
            rows, outputs, groups, panel.start, x.start, stride, tile.y.start, tile.stride, &tile.store)
        },
        error: {
          tile.error(size: { _, _ in 8 }) { i, n in
            var sum = 0.0
            for g in 0..<groups {
              for s in 0..<places {
                let place = Int(panel[g * words + n] >> UInt32(s * bits)) & (run - 1)
                let weight = Float(bitPattern: panel[g * words + 16 * (1 + s) + n])
                sum += Double(weight) * Double(x[i * stride + g * inputs + s / kept * run + place])
              }
            }
            return sum
          }
        })
    }
  }
}
