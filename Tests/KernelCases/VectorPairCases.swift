import CKernels

/// Two operands: rows with rows, rows with a value each, values with rows.
enum VectorPairCases {
  static let all: [SlotCase] =
    operation("add", vv: { $0.f32_add_vv }, vs: { $0.f32_add_vs }, sv: { $0.f32_add_sv }) { $0 + $1 }
    + operation("sub", vv: { $0.f32_sub_vv }, vs: { $0.f32_sub_vs }, sv: { $0.f32_sub_sv }) { $0 - $1 }
    + operation("mul", vv: { $0.f32_mul_vv }, vs: { $0.f32_mul_vs }, sv: { $0.f32_mul_sv }) { $0 * $1 }
    + operation("div", vv: { $0.f32_div_vv }, vs: { $0.f32_div_vs }, sv: { $0.f32_div_sv }) { $0 / $1 }
    + operation("max", vv: { $0.f32_max_vv }, vs: { $0.f32_max_vs }, sv: { $0.f32_max_sv }) { max($0, $1) }
    + operation("min", vv: { $0.f32_min_vv }, vs: { $0.f32_min_vs }, sv: { $0.f32_min_sv }) { min($0, $1) }

  private typealias Kernel =
    @convention(c) (
      Int, Int, UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>
    ) -> Void
  private typealias Pick = @Sendable (ck_vector_table) -> Kernel

  private static func operation(
    _ name: String, vv: @escaping Pick, vs: @escaping Pick, sv: @escaping Pick,
    exact: @escaping @Sendable (Float, Float) -> Float
  ) -> [SlotCase] {
    [
      form("f32_\(name)_vv", wide: (true, true), vv, exact),
      form("f32_\(name)_vs", wide: (true, false), vs, exact),
      form("f32_\(name)_sv", wide: (false, true), sv, exact),
    ]
  }

  /// `wide`: which operands are rows.
  private static func form(
    _ slot: String, wide: (Bool, Bool), _ kernel: @escaping Pick,
    _ exact: @escaping @Sendable (Float, Float) -> Float
  ) -> SlotCase {
    SlotCase(vector: slot) { table, source in
      let rows = source.size(0...4, timed: 4)
      let n = source.size(0...70, timed: 4096)
      // Steps from row to row: none repeats an operand.
      let a = source.choice() ? 0 : wide.0 ? n : 1
      let b = source.choice() ? 0 : wide.1 ? n : 1
      let x = source.floats(rows * n + 1)
      let y = source.floats(rows * n + 1, in: 0.25...4)
      let out = Memory<Float>(rows * n)
      let kernel = kernel(table)
      return Trial(
        label: "\(rows)x\(n)", work: .bytes(Double(rows * n * 4 * (wide.0 && wide.1 ? 3 : 2))),
        run: { kernel(rows, n, x.start, a, y.start, b, out.start) },
        error: {
          mismatch(out) {
            exact(x[$0 / n * a + (wide.0 ? $0 % n : 0)], y[$0 / n * b + (wide.1 ? $0 % n : 0)])
          }
        })
    }
  }
}
