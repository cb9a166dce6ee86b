import CKernels
import Foundation

/// Functions of one value.
enum VectorElementCases {
  static let all: [SlotCase] = [
    each("f32_relu", { $0.f32_relu }) { max($0, 0) },
    each("f32_exp", { $0.f32_exp }) { exp($0) },
    each("f32_erf", { $0.f32_erf }) { erf($0) },
    each("f32_tanh", { $0.f32_tanh }) { tanh($0) },
    each("f32_sigmoid", { $0.f32_sigmoid }) { 1 / (1 + exp(-$0)) },
    each("f32_silu", { $0.f32_silu }) { $0 / (1 + exp(-$0)) },
    given("f32_swish", { table, n, x, out in table.f32_swish(n, x, 1.5, out) }) { $0 / (1 + exp(-1.5 * $0)) },
    given("f32_softplus", { table, n, x, out in table.f32_softplus(n, x, 1.5, 0.75, out) }) {
      0.75 * log1p(exp(1.5 * $0))
    },
    each("f32_mish", { $0.f32_mish }) { $0 * tanh(log1p(exp($0))) },
    each("f32_gelu_erf", { $0.f32_gelu_erf }) { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) },
    each("f32_gelu_tanh", { $0.f32_gelu_tanh }) {
      0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
    },
    each("f32_hard_swish", { $0.f32_hard_swish }) { $0 * min(max($0 / 6 + 0.5, 0), 1) },
    each("f32_sqrt", range: 0...9, { $0.f32_sqrt }) { $0.squareRoot() },
    given("f32_clip", { table, n, x, out in table.f32_clip(n, x, -1, 2, out) }) { min(max($0, -1), 2) },
    given("f32_leaky_relu", { table, n, x, out in table.f32_leaky_relu(n, x, 0.25, out) }) {
      $0 < 0 ? $0 * 0.25 : $0
    },
    given("f32_hard_sigmoid", { table, n, x, out in table.f32_hard_sigmoid(n, x, 0.25, 0.5, out) }) {
      min(max($0 * 0.25 + 0.5, 0), 1)
    },
    given("f32_affine", { table, n, x, out in table.f32_affine(n, x, 0.75, 3, out) }) { $0 * 0.75 + 3 },
  ]

  private typealias Kernel = @convention(c) (Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  private static func each(
    _ slot: String, range: ClosedRange<Float> = -6...6,
    _ kernel: @escaping @Sendable (ck_vector_table) -> Kernel,
    exact: @escaping @Sendable (Double) -> Double
  ) -> SlotCase {
    given(slot, range: range, { table, n, x, out in kernel(table)(n, x, out) }, exact: exact)
  }

  private static func given(
    _ slot: String, range: ClosedRange<Float> = -6...6,
    _ run:
      @escaping @Sendable (ck_vector_table, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void,
    exact: @escaping @Sendable (Double) -> Double
  ) -> SlotCase {
    SlotCase(vector: slot) { table, source in
      let n = source.size(0...150, timed: 4096)
      let x = source.floats(n, in: range)
      let out = Memory<Float>(n)
      return Trial(
        label: "\(n) values", work: .bytes(Double(n * 8)), run: { run(table, n, x.start, out.start) },
        error: { error(out, allowed: { 1e-6 * (1 + abs($0)) }) { exact(Double(x[$0])) } })
    }
  }
}
