import CKernels
import Kernels

/// Weights of 16 bits.
enum HalfCases {
  static let all = [
    unpack("f16_unpack", info: { $0.f16_unpack_info }, kernel: { $0.f16_unpack }, value: f16),
    unpack("bf16_unpack", info: { $0.bf16_unpack_info }, kernel: { $0.bf16_unpack }, value: bf16),
    gemv(
      "f16_gemv", info: { $0.f16_gemv_info }, kernel: { $0.f16_gemv }, value: f16,
      bits: { Float16($0).bitPattern }),
    gemv(
      "bf16_gemv", info: { $0.bf16_gemv_info }, kernel: { $0.bf16_gemv }, value: bf16,
      bits: { UInt16($0.bitPattern >> 16) }),
  ]

  private static func f16(_ bits: UInt16) -> Float { Float(Float16(bitPattern: bits)) }
  private static func bf16(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  private static func unpack(
    _ slot: String, info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    kernel:
      @escaping @Sendable (ck_matrix_table) ->
      @convention(c) (
        Int, UnsafePointer<UInt16>, UnsafeMutablePointer<Float>
      ) -> Void,
    value: @escaping @Sendable (UInt16) -> Float
  ) -> SlotCase {
    SlotCase(slot: slot, info: info) { matrix, _, source in
      let k = source.size(0...40, timed: 512)
      let b = source.values(16 * k) { UInt16.random(in: 0...(.max), using: &$0) }
      let out = Memory<Float>(16 * k)
      let kernel = kernel(matrix)
      return Trial(
        label: "\(k) steps", work: .bytes(Double(16 * k * 6)), run: { kernel(k, b.start, out.start) },
        error: {
          let right = (0..<16 * k).allSatisfy { i in
            let exact = value(b[i])
            return out[i] == exact || out[i].isNaN && exact.isNaN
          }
          return right && out.isIntact ? 0 : .infinity
        })
    }
  }

  private static func gemv(
    _ slot: String, info: @escaping @Sendable (ck_matrix_table) -> ck_kernel_info,
    kernel:
      @escaping @Sendable (ck_matrix_table) ->
      @convention(c) (
        Int, Int, Int, UnsafePointer<Float>, Int, UnsafePointer<UInt16>, UnsafeMutablePointer<Float>, Int,
        UnsafePointer<ck_f32_store>
      ) -> Void,
    value: @escaping @Sendable (UInt16) -> Float, bits: @escaping @Sendable (Float) -> UInt16
  ) -> SlotCase {
    SlotCase(slot: slot, info: info) { matrix, info, source in
      let rows = source.size(1...Int(info.rows), timed: 1)
      let outputs = source.size(1...16, timed: 16)
      let k = source.size(0...70, timed: 1024)
      let stride = k + source.gap()
      let x = source.floats(rows * stride)
      let b = source.values(16 * k) { bits($0.float(-1...1)) }
      let tile = FloatTile(rows: rows, outputs: outputs, &source)
      let kernel = kernel(matrix)
      return Trial(
        label: "\(rows)x\(outputs)x\(k)", work: .bytes(Double(16 * k * 2)),
        run: {
          kernel(rows, outputs, k, x.start, stride, b.start, tile.y.start, tile.stride, &tile.store)
        },
        error: {
          tile.error(size: { _, _ in Double(k).squareRoot() }) { i, n in
            (0..<k).reduce(0) { $0 + Double(x[i * stride + $1]) * Double(value(b[$1 * 16 + n])) }
          }
        })
    }
  }
}
