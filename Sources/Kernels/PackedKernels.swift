import CKernels

/// The micro-kernels for one packed width.
struct PackedKernels: @unchecked Sendable {  // Only addresses of functions and of a constant name.
  typealias Gemv =
    @convention(c) (
      Int, Int, Int, UnsafePointer<UInt32>, UnsafePointer<Float>, Int, UnsafePointer<Float>,
      UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, UnsafePointer<ck_f32_store>
    ) -> Void
  typealias Unpack =
    @convention(c) (Int, UnsafePointer<UInt32>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  typealias Quads = @convention(c) (Int, UnsafePointer<UInt32>, UnsafeMutablePointer<UInt8>) -> Void

  let gemv: Gemv
  let unpack: Unpack
  let quads: Quads
  let info: ck_kernel_info
}

extension KernelTable {
  func packed(_ bits: PackedWidth) -> PackedKernels {
    let m = matrix
    return switch bits {
    case .eight: PackedKernels(gemv: m.q8_gemv, unpack: m.q8_unpack, quads: m.q8_quads, info: m.q8_gemv_info)
    case .six: PackedKernels(gemv: m.q6_gemv, unpack: m.q6_unpack, quads: m.q6_quads, info: m.q6_gemv_info)
    case .four: PackedKernels(gemv: m.q4_gemv, unpack: m.q4_unpack, quads: m.q4_quads, info: m.q4_gemv_info)
    case .three: PackedKernels(gemv: m.q3_gemv, unpack: m.q3_unpack, quads: m.q3_quads, info: m.q3_gemv_info)
    case .two: PackedKernels(gemv: m.q2_gemv, unpack: m.q2_unpack, quads: m.q2_quads, info: m.q2_gemv_info)
    case .ternary:
      PackedKernels(gemv: m.qt_gemv, unpack: m.qt_unpack, quads: m.qt_quads, info: m.qt_gemv_info)
    case .one: PackedKernels(gemv: m.q1_gemv, unpack: m.q1_unpack, quads: m.q1_quads, info: m.q1_gemv_info)
    }
  }
}
