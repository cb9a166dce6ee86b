import CKernels
import Foundation

/// Products of operands known only while running, and attention.
enum VectorProductCases {
  static let all: [SlotCase] = [
    SlotCase(vector: "f32_matmul") { table, source in
      let (m, n) = (source.size(0...20, timed: 48), source.size(0...70, timed: 96))
      let k = source.size(0...40, timed: 64)
      let turned = source.choice(), accumulates = source.choice()
      let (row, column) = turned ? (1, m) : (k, 1)
      let (bRow, cRow) = (n + source.gap(), n + source.gap())
      let (a, b) = (source.floats(m * k), source.floats(k * bRow))
      let c = source.floats(m * cRow)
      let before = c.values
      return Trial(
        label: "\(m)x\(n)x\(k)", work: .floats(2 * Double(m * n * k)),
        run: {
          table.f32_matmul(m, n, k, a.start, row, column, b.start, bRow, c.start, cRow, accumulates ? 1 : 0)
        },
        error: {
          error(c, allowed: { 1e-6 * (8 + abs($0) + Double(k).squareRoot()) }) { at in
            let (i, j) = (at / cRow, at % cRow)
            guard j < n else { return Double(before[at]) }
            return (0..<k).reduce(accumulates ? Double(before[at]) : 0) {
              $0 + Double(a[i * row + $1 * column]) * Double(b[$1 * bRow + j])
            }
          }
        })
    },
    attention("f32_attention", linear: false) { table, head, q, k, v, out, scratch in
      table.f32_attention(head, q, k, v, out, scratch)
    },
    attention("f32_linear_attention", linear: true) { table, head, q, k, v, out, scratch in
      table.f32_linear_attention(head, q, k, v, out, scratch)
    },
  ]

  private typealias Kernel =
    @Sendable (
      ck_vector_table, UnsafePointer<ck_attention>, UnsafePointer<Float>, UnsafePointer<Float>,
      UnsafePointer<Float>,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void

  private static func attention(_ slot: String, linear: Bool, _ run: @escaping Kernel) -> SlotCase {
    SlotCase(vector: slot) { table, source in
      let (queries, keys) = (source.size(1...60, timed: 128), source.size(1...120, timed: 128))
      let (depth, width) = (source.size(1...20, timed: 64), source.size(1...20, timed: 64))
      let masked = !linear && source.choice()
      let causal = source.choice()
      var head = ck_attention()
      (head.queries, head.keys, head.depth, head.value_depth) = (queries, keys, depth, width)
      (head.q_row, head.k_row) = (depth + source.gap(), depth + source.gap())
      (head.v_row, head.out_row) = (width + source.gap(), width)
      // Every query sees a key.
      (head.causal, head.offset) = (causal ? 1 : 0, max(0, keys - queries))
      (head.scale, head.epsilon) = (0.25, 0.01)
      let (q, k) = (source.floats(queries * head.q_row), source.floats(keys * head.k_row))
      let v = source.floats(keys * head.v_row)
      let mask = masked ? source.floats(queries * keys) : nil
      (head.mask, head.mask_row) = (mask.map { UnsafePointer($0.start) }, keys)
      let (kKeys, kQueries) = (Int(CK_ATTENTION_KEYS), Int(CK_ATTENTION_QUERIES))
      let scratch = Memory<Float>(
        linear
          ? depth * (width + 1 + 2 * kQueries + kKeys) + kQueries * kKeys
          : depth * kKeys + kQueries * kKeys + 2 * kQueries)
      let out = Memory<Float>(queries * width)
      let sizes = head
      return Trial(
        label: "\(queries) queries, \(keys) keys of \(depth)",
        work: .floats(
          linear ? 4 * Double(keys * depth * width) : 2 * Double(queries * keys * (depth + width))),
        run: {
          withUnsafePointer(to: sizes) { run(table, $0, q.start, k.start, v.start, out.start, scratch.start) }
        },
        error: {
          guard scratch.isIntact, mask?.isIntact ?? true else { return .infinity }
          func feature(_ x: Float) -> Double { x > 0 ? Double(x) + 1 : exp(Double(x)) }
          let weights = (0..<queries).map { i -> [Double] in
            (0..<keys).map { j in
              if causal && j > i + sizes.offset { return 0 }
              return linear
                ? (0..<depth).reduce(0) {
                  $0 + feature(q[i * sizes.q_row + $1]) * feature(k[j * sizes.k_row + $1])
                }
                : exp(
                  (0..<depth).reduce(0) {
                    $0 + Double(q[i * sizes.q_row + $1]) * Double(k[j * sizes.k_row + $1])
                  }
                    * 0.25 + Double(mask?[i * keys + j] ?? 0))
            }
          }
          return error(out, allowed: { 1e-5 * (1 + abs($0)) }) { at in
            let row = weights[at / width]
            let sum = row.enumerated().reduce(0) { $0 + $1.1 * Double(v[$1.0 * sizes.v_row + at % width]) }
            return sum / (row.reduce(0, +) + (linear ? 0.01 : 0))
          }
        })
    }
  }
}
