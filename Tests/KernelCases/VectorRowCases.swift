import CKernels
import Foundation

/// Functions of whole rows.
enum VectorRowCases {
  static let all: [SlotCase] = [
    rows("f32_softmax_rows", { $0.f32_softmax_rows($1, $2, $3, $4) }) { row in
      let powers = row.map { exp($0 - (row.max() ?? 0)) }
      return powers.map { $0 / powers.reduce(0, +) }
    },
    rows("f32_log_softmax_rows", { $0.f32_log_softmax_rows($1, $2, $3, $4) }) { row in
      let sum = row.map { exp($0) }.reduce(0, +)
      return row.map { $0 - log(sum) }
    },
    normalized("f32_layer_norm_rows", centred: true) { table, rows, n, x, gamma, beta, out in
      table.f32_layer_norm_rows(rows, n, x, gamma, beta, 0.01, out)
    },
    normalized("f32_rms_norm_rows", centred: false) { table, rows, n, x, gamma, _, out in
      table.f32_rms_norm_rows(rows, n, x, gamma, 0.01, out)
    },
    rows("f32_sum_rows", { $0.f32_sum_rows($1, $2, $3, $4) }) { [$0.reduce(0, +)] },
    rows("f32_mean_rows", { $0.f32_mean_rows($1, $2, $3, $4) }) {
      [$0.isEmpty ? 0 : $0.reduce(0, +) / Double($0.count)]
    },
    rows("f32_max_rows", { $0.f32_max_rows($1, $2, $3, $4) }) { [$0.max() ?? -.infinity] },
    SlotCase(vector: "f32_argmax_rows") { table, source in
      let (count, n) = (source.size(0...5, timed: 64), source.size(0...70, timed: 1024))
      let x = source.values(count * n) { Float($0.integer(-9...9)) }
      let out = Memory<Int64>(count)
      return Trial(
        label: "\(count)x\(n)", work: .bytes(Double(count * n * 4)),
        run: { table.f32_argmax_rows(count, n, x.start, out.start) },
        error: {
          mismatch(out) { row in
            let values = (0..<n).map { x[row * n + $0] }
            return Int64(values.firstIndex(of: values.max() ?? 0) ?? -1)
          }
        })
    },
  ]

  private typealias Kernel =
    @Sendable (ck_vector_table, Int, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void

  private static func rows(
    _ slot: String, _ run: @escaping Kernel, exact: @escaping @Sendable ([Double]) -> [Double]
  ) -> SlotCase {
    SlotCase(vector: slot) { table, source in
      let (count, n) = (source.size(0...5, timed: 64), source.size(0...150, timed: 1024))
      let x = source.floats(count * n, in: -4...4)
      let width = exact((0..<n).map { _ in 0 }).count
      let out = Memory<Float>(count * width)
      return Trial(
        label: "\(count)x\(n)", work: .bytes(Double(count * n * 4)),
        run: { run(table, count, n, x.start, out.start) },
        error: {
          let all = (0..<count).flatMap { row in exact((0..<n).map { Double(x[row * n + $0]) }) }
          return error(out, allowed: { 2e-6 * (4 + abs($0)) }) { all[$0] }
        })
    }
  }

  private static func normalized(
    _ slot: String, centred: Bool,
    _ run:
      @escaping @Sendable (
        ck_vector_table, Int, Int, UnsafePointer<Float>, UnsafePointer<Float>?, UnsafePointer<Float>?,
        UnsafeMutablePointer<Float>
      ) -> Void
  ) -> SlotCase {
    SlotCase(vector: slot) { table, source in
      let (count, n) = (source.size(0...5, timed: 64), source.size(0...150, timed: 1024))
      let x = source.floats(count * n, in: -4...4)
      let gamma = source.choice(timed: true) ? source.floats(n) : nil
      let beta = centred && source.choice(timed: true) ? source.floats(n) : nil
      let out = Memory<Float>(count * n)
      return Trial(
        label: "\(count)x\(n)", work: .bytes(Double(count * n * 8)),
        run: { run(table, count, n, x.start, gamma?.start, beta?.start, out.start) },
        error: {
          let all = (0..<count).flatMap { row -> [Double] in
            let values = (0..<n).map { Double(x[row * n + $0]) }
            let mean = centred ? values.reduce(0, +) / Double(n) : 0
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
            return values.enumerated().map {
              ($1 - mean) / (variance + 0.01).squareRoot() * Double(gamma?[$0] ?? 1) + Double(beta?[$0] ?? 0)
            }
          }
          return error(out, allowed: { 5e-6 * (4 + abs($0)) }) { all[$0] }
        })
    }
  }
}
