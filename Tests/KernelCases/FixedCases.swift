import CKernels
import Kernels

/// Packed weights times a row of whole numbers, and how the row becomes so.
enum FixedCases {
  static let all: [SlotCase] = [
    fixed(.q6, info: { $0.q6_fixed_info }, kernel: { $0.q6_fixed }),
    fixed(.q5, info: { $0.q5_fixed_info }, kernel: { $0.q5_fixed }),
    fixed(.q4, info: { $0.q4_fixed_info }, kernel: { $0.q4_fixed }),
    fixed(.n4, info: { $0.n4_fixed_info }, kernel: { $0.n4_fixed }),
    fixed(.q3, info: { $0.q3_fixed_info }, kernel: { $0.q3_fixed }),
    fixed(.q2, info: { $0.q2_fixed_info }, kernel: { $0.q2_fixed }),
    fixed(.q1, info: { $0.q1_fixed_info }, kernel: { $0.q1_fixed }),
    SlotCase(slot: "f32_fix", info: { $0.f32_fix_info }) { matrix, _, source in
      let count = source.size(0...100, timed: 1024)
      let padded = (count + 3) / 4 * 4 + 4 * source.size(0...3, timed: 0)
      let span = 4 * source.size(1...8, timed: 8)
      let spans = (padded + span - 1) / span
      let size = source.isTimed ? 1 : Float(sign: .plus, exponent: source.integer(-60...60), significand: 1)
      let x = source.floats(count, in: -size...size)
      // Now and then a value that has no steps.
      let strange = source.size(0...7, timed: 1) == 0 && count > 0
      if strange {
        x[source.integer(0...count - 1)] = [.nan, .infinity, 1e-32, 1e35].randomElement(using: &source) ?? 0
      }
      let (limbs, steps, result) = (Memory<Int32>(padded / 4 * 3), Memory<Float>(spans * 3), Memory<Int32>(1))
      guard let kernel = matrix.f32_fix else { preconditionFailure("the list has a kernel for the slot") }
      return Trial(
        label: "\(count) values", work: .bytes(Double(count * 7)),
        run: { result[0] = kernel(count, padded, span, x.start, limbs.start, steps.start) },
        error: {
          guard limbs.isIntact, steps.isIntact else { return .infinity }
          let usual = x.values.allSatisfy { (1e-29...1e29).contains($0.magnitude) }
          guard result[0] != 0 else { return usual ? .infinity : 0 }
          var worst = 0.0
          for k in 0..<padded {
            let step = Double(steps[k / span * 3 + 2])
            let value = (0..<3).reduce(0.0) { sum, l in
              let byte = Int8(truncatingIfNeeded: limbs[k / 4 * 3 + l] >> Int32(8 * (k % 4)))
              return sum + Double(steps[k / span * 3 + l]) * Double(byte)
            }
            worst = max(worst, share(Float(value), k < count ? Double(x[k]) : 0, allowed: 0.501 * step))
          }
          for at in 0..<spans {
            let all = (min(count, at * span)..<min(count, at * span + span)).map { x[$0].magnitude }
            // 22 bits or more are kept of the largest value of a span.
            if let largest = all.max(), Double(steps[at * 3 + 2]) > Double(largest) * 0x1p-21 {
              worst = .infinity
            }
          }
          return worst
        })
    },
  ]

  private typealias Fixed =
    @convention(c) (
      Int, Int, UnsafePointer<UInt32>, UnsafePointer<Int32>, UnsafePointer<Float>,
      UnsafePointer<ck_packed_side>,
      UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafePointer<ck_f32_store>
    ) -> Void

  private static func fixed(
    _ form: PackedForm, info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    kernel: @escaping @Sendable (ck_matrix_table) -> Fixed?
  ) -> SlotCase {
    SlotCase(slot: "\(form)_fixed", info: info) { matrix, info, source in
      let outputs = source.size(1...16, timed: 16)
      let groups = source.size(1...9, timed: 4096 / form.depth)
      let panel = PackedPanel(
        form, groups: groups, blocks: source.size(1...min(3, groups), timed: 1), counted: form.isTable,
        &source)
      panel.side.blocks = (groups + panel.side.groups - 1) / panel.side.groups
      let span = Int(info.depth)
      let blockDepth = panel.side.groups * form.depth
      let spansPerBlock = (blockDepth + span - 1) / span
      let limbs: Memory<Int32> = source.values(panel.inputs / 4 * 3) {
        Int32.random(in: .min...(.max), using: &$0)
      }
      let steps = Memory<Float>(panel.side.blocks * spansPerBlock * 3)
      for at in 0..<steps.count / 3 {
        let step = source.float(0.5...1) * 0x1p-23
        for l in 0..<3 { steps[at * 3 + l] = step * [65536, 256, 1][l] }
      }
      let sums = source.floats(panel.side.blocks)
      let tile = FloatTile(rows: 1, outputs: outputs, &source)
      guard let kernel = kernel(matrix) else { preconditionFailure("the list has a kernel for the slot") }
      return Trial(
        label: "1x\(outputs)x\(panel.inputs)", work: .bytes(panel.wordBytes),
        run: {
          kernel(
            outputs, groups, panel.words.start, limbs.start, steps.start, &panel.side, sums.start,
            tile.y.start,
            &tile.store)
        },
        error: {
          let x = (0..<panel.inputs).map { k -> Double in
            let at = k / blockDepth * spansPerBlock + k % blockDepth / span
            return (0..<3).reduce(0) { sum, l in
              let byte = Int8(truncatingIfNeeded: limbs[k / 4 * 3 + l] >> Int32(8 * (k % 4)))
              return sum + Double(steps[at * 3 + l]) * Double(byte)
            }
          }
          func product(_ n: Int) -> (sum: Double, size: Double) {
            panel.product(n, x: { x[$0] }, sums: { sums[$0] })
          }
          return tile.error(size: { product($1).size }, { product($1).sum })
        })
    }
  }
}
