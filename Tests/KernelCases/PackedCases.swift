import CKernels
import Kernels

/// Weights packed as codes, multiplied as floats, widened to floats or to bytes.
enum PackedCases {
  static let all: [SlotCase] =
    [
      gemv(.q8, info: { $0.q8_gemv_info }, kernel: { $0.q8_gemv }),
      gemv(.q6, info: { $0.q6_gemv_info }, kernel: { $0.q6_gemv }),
      gemv(.q5, info: { $0.q5_gemv_info }, kernel: { $0.q5_gemv }),
      gemv(.q4, info: { $0.q4_gemv_info }, kernel: { $0.q4_gemv }),
      gemv(.q3, info: { $0.q3_gemv_info }, kernel: { $0.q3_gemv }),
      gemv(.q2, info: { $0.q2_gemv_info }, kernel: { $0.q2_gemv }),
      gemv(.q1, info: { $0.q1_gemv_info }, kernel: { $0.q1_gemv }),
      gemv(.n8, info: { $0.n8_gemv_info }, kernel: { $0.n8_gemv }),
      gemv(.n4, info: { $0.n4_gemv_info }, kernel: { $0.n4_gemv }),
    ] + [
      unpack(.q8, info: { $0.q8_unpack_info }, kernel: { $0.q8_unpack }),
      unpack(.q6, info: { $0.q6_unpack_info }, kernel: { $0.q6_unpack }),
      unpack(.q5, info: { $0.q5_unpack_info }, kernel: { $0.q5_unpack }),
      unpack(.q4, info: { $0.q4_unpack_info }, kernel: { $0.q4_unpack }),
      unpack(.q3, info: { $0.q3_unpack_info }, kernel: { $0.q3_unpack }),
      unpack(.q2, info: { $0.q2_unpack_info }, kernel: { $0.q2_unpack }),
      unpack(.q1, info: { $0.q1_unpack_info }, kernel: { $0.q1_unpack }),
      unpack(.n8, info: { $0.n8_unpack_info }, kernel: { $0.n8_unpack }),
      unpack(.n4, info: { $0.n4_unpack_info }, kernel: { $0.n4_unpack }),
    ] + [
      quads(.q6, info: { $0.q6_quads_info }, kernel: { $0.q6_quads }),
      quads(.q5, info: { $0.q5_quads_info }, kernel: { $0.q5_quads }),
      quads(.q4, info: { $0.q4_quads_info }, kernel: { $0.q4_quads }),
      quads(.q3, info: { $0.q3_quads_info }, kernel: { $0.q3_quads }),
      quads(.q2, info: { $0.q2_quads_info }, kernel: { $0.q2_quads }),
      quads(.q1, info: { $0.q1_quads_info }, kernel: { $0.q1_quads }),
    ]

  private typealias Gemv =
    @convention(c) (
      Int, Int, Int, UnsafePointer<UInt32>, UnsafePointer<Float>, Int, UnsafePointer<ck_packed_side>,
      UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, UnsafePointer<ck_f32_store>
    ) -> Void
  private typealias Unpack =
    @convention(c) (Int, UnsafePointer<UInt32>, UnsafePointer<ck_packed_side>, UnsafeMutablePointer<Float>) ->
    Void
  private typealias Quads =
    @convention(c) (Int, UnsafePointer<UInt32>, Int8, UnsafeMutablePointer<Int8>) -> Void

  private static func gemv(
    _ form: PackedForm, info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    kernel: @escaping @Sendable (ck_matrix_table) -> Gemv
  ) -> SlotCase {
    SlotCase(slot: "\(form)_gemv", info: info) { matrix, info, source in
      let rows = source.size(1...Int(info.rows), timed: 1)
      let outputs = source.size(1...16, timed: 16)
      let groups = source.size(1...9, timed: 4096 / form.depth)
      let panel = PackedPanel(
        form, groups: groups, blocks: source.size(1...min(3, groups), timed: 1), &source)
      // A block more than there are groups for would be empty, and the kernel reads none such.
      panel.side.blocks = (groups + panel.side.groups - 1) / panel.side.groups
      let stride = panel.inputs + source.gap()
      let x = source.floats(rows * stride)
      // Codes come out times 256^i for i = 1, 2.
      let prepared = Memory<Float>(rows * stride)
      for at in 0..<rows * stride {
        prepared[at] = form.isTable ? x[at] : x[at] * [1, 0x1p-8, 0x1p-16, 1][at % stride % 4]
      }
      let blocks = panel.side.blocks
      let sums = source.floats(rows * blocks)
      let tile = FloatTile(rows: rows, outputs: outputs, &source)
      let kernel = kernel(matrix)
      return Trial(
        label: "\(rows)x\(outputs)x\(panel.inputs)", work: .bytes(panel.wordBytes),
        run: {
          kernel(
            rows, outputs, groups, panel.words.start, prepared.start, stride, &panel.side, sums.start,
            tile.y.start, tile.stride, &tile.store)
        },
        error: {
          func product(_ i: Int, _ n: Int) -> (sum: Double, size: Double) {
            panel.product(n, x: { Double(x[i * stride + $0]) }, sums: { sums[i * blocks + $0] })
          }
          return tile.error(size: { product($0, $1).size }, { product($0, $1).sum })
        })
    }
  }

  private static func unpack(
    _ form: PackedForm, info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    kernel: @escaping @Sendable (ck_matrix_table) -> Unpack
  ) -> SlotCase {
    SlotCase(slot: "\(form)_unpack", info: info) { matrix, _, source in
      let panel = PackedPanel(form, groups: source.size(0...9, timed: 512 / form.depth), blocks: 1, &source)
      let out = Memory<Float>(panel.inputs * 16)
      let kernel = kernel(matrix)
      return Trial(
        label: "\(panel.inputs) steps", work: .bytes(panel.wordBytes + Double(out.count * 4)),
        run: { kernel(panel.groups, panel.words.start, &panel.side, out.start) },
        error: {
          (0..<out.count).reduce(out.isIntact ? 0 : .infinity) { worst, at in
            let (k, n) = (at / 16, at % 16)
            let exact = panel.scale(0, n) * (panel.value(k, n) - panel.zero(0, n))
            return max(worst, share(out[at], exact, allowed: 1e-6 * (1 + panel.value(k, n).magnitude)))
          }
        })
    }
  }

  private static func quads(
    _ form: PackedForm, info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    kernel: @escaping @Sendable (ck_matrix_table) -> Quads
  ) -> SlotCase {
    SlotCase(slot: "\(form)_quads", info: info) { matrix, _, source in
      let panel = PackedPanel(form, groups: source.size(0...9, timed: 512 / form.depth), blocks: 1, &source)
      let minus = Int8(source.integer(0...63))
      let out = Memory<Int8>(panel.inputs * 16)
      let kernel = kernel(matrix)
      return Trial(
        label: "\(panel.inputs) steps", work: .bytes(panel.wordBytes + Double(out.count)),
        run: { kernel(panel.groups, panel.words.start, minus, out.start) },
        error: {
          let right = (0..<panel.inputs * 16).allSatisfy { at in
            let (k, n) = (at / 64 * 4 + at % 4, at % 64 / 4)
            return Double(out[at]) == panel.value(k, n) - Double(minus)
          }
          return right && out.isIntact ? 0 : .infinity
        })
    }
  }
}
