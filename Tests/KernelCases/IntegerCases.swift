import CKernels
import Kernels

/// Products of bytes in exact integer sums.
enum IntegerCases {
  static let all = [
    gemm("u8s8_gemm", limit: 128, info: { $0.u8s8_gemm_info }, kernel: { $0.u8s8_gemm }),
    gemm("u8s7_gemm", limit: 64, info: { $0.u8s7_gemm_info }, kernel: { $0.u8s7_gemm }),
    gemm("u8s6_gemm", limit: 32, info: { $0.u8s6_gemm_info }, kernel: { $0.u8s6_gemm }),
    gemm("u8s5_gemm", limit: 16, info: { $0.u8s5_gemm_info }, kernel: { $0.u8s5_gemm }),
    gemm("u8s4_gemm", limit: 8, info: { $0.u8s4_gemm_info }, kernel: { $0.u8s4_gemm }),
    pack("u8_pack_quads", info: { $0.u8_pack_quads_info }, kernel: { $0.u8_pack_quads }),
    pack("u8_pack_pairs", info: { $0.u8_pack_pairs_info }, kernel: { $0.u8_pack_pairs }),
  ]

  private typealias Gemm =
    @convention(c) (
      Int, Int, Int, UnsafeRawPointer, UnsafePointer<Int8>, Int, UnsafeMutableRawPointer, Int,
      UnsafePointer<ck_integer_store>
    ) -> Void

  /// `limit`: the largest magnitude of two neighbouring weights alike.
  private static func gemm(
    _ slot: String, limit: Int, info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    kernel: @escaping @Sendable (ck_matrix_table) -> Gemm
  ) -> SlotCase {
    SlotCase(slot: slot, info: info) { matrix, info, source in
      let tileRows = Int(info.rows)
      let depth = Int(info.depth)
      let rows = source.size(1...3 * tileRows, timed: 4 * tileRows)
      let outputs = source.size(1...16 * Int(info.panels), timed: 16 * Int(info.panels))
      let groups = source.size(0...40, timed: 512 / depth)
      let k = groups * depth
      let x: Memory<UInt8> = source.integers(rows * k, in: 0...255)
      let panel = k * 16
      let b: Memory<Int8> = source.integers(
        2 * panel, in: Int8(-limit)...Int8(limit == 128 ? 127 : limit))
      // A word of each row's four bytes, or two numbers of 16 bits, in tiles of the kernel's rows.
      let a = Memory<UInt8>(rows * groups * 4)
      for i in 0..<rows {
        let first = i / tileRows * tileRows
        let together = min(tileRows, rows - first)
        for p in 0..<k {
          let word = first * groups * 4 + (p / depth * together + i - first) * 4
          if depth == 4 {
            a[word + p % 4] = x[i * k + p]
          } else {
            a[word + p % 2 * 2] = x[i * k + p]
            a[word + p % 2 * 2 + 1] = 0
          }
        }
      }
      func weight(_ n: Int, _ p: Int) -> Int {
        Int(b[n / 16 * panel + p / depth * 16 * depth + n % 16 * depth + p % depth])
      }
      let padded = (outputs + 15) / 16 * 16
      let tile = IntegerTile(
        rows: rows, outputs: outputs, inputs: k,
        columnSums: (0..<padded).map { n in Int32((0..<k).reduce(0) { $0 + weight(n, $1) }) },
        rowSums: (0..<rows).map { i in Int32((0..<k).reduce(0) { $0 + Int(x[i * k + $1]) }) }, residual: true,
        &source)
      let kernel = kernel(matrix)
      return Trial(
        label: "\(rows)x\(outputs)x\(k)", work: .integers(2 * Double(rows * outputs * k)),
        run: {
          kernel(rows, outputs, groups, a.start, b.start, panel, tile.start, tile.stride, &tile.store)
        },
        error: {
          tile.error { i, n in (0..<k).reduce(0) { $0 + Int(x[i * k + $1]) * weight(n, $1) } }
        })
    }
  }

  private static func pack(
    _ slot: String, info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    kernel:
      @escaping @Sendable (ck_matrix_table) ->
      @convention(c) (
        Int, Int, UnsafePointer<UInt8>, Int, UnsafeMutableRawPointer, UnsafeMutablePointer<Int32>?
      ) -> Void
  ) -> SlotCase {
    SlotCase(slot: slot, info: info) { matrix, info, source in
      let depth = Int(info.depth)
      let rows = source.size(1...12, timed: 12)
      let k = source.size(0...70, timed: 1024)
      let groups = (k + depth - 1) / depth
      let stride = k + source.gap()
      let x: Memory<UInt8> = source.integers(rows * stride, in: 0...255)
      let out = Memory<UInt8>(rows * groups * 4)
      let sums = source.choice(timed: true) ? Memory<Int32>(rows) : nil
      let kernel = kernel(matrix)
      return Trial(
        label: "\(rows)x\(k)", work: .bytes(Double(rows * (k + groups * 4))),
        run: { kernel(rows, k, x.start, stride, out.start, sums?.start) },
        error: {
          var right = out.isIntact && sums?.isIntact ?? true
          for i in 0..<rows {
            for p in 0..<groups * depth {
              let value = p < k ? x[i * stride + p] : 0
              let word = (p / depth * rows + i) * 4
              right = right && out[word + p % depth * (4 / depth)] == value
              if depth == 2 { right = right && out[word + p % 2 * 2 + 1] == 0 }
            }
            if let sums { right = right && sums[i] == (0..<k).reduce(0) { $0 + Int32(x[i * stride + $1]) } }
          }
          return right ? 0 : .infinity
        })
    }
  }
}
