import CKernels

/// The micro-kernels that multiply floats by one packed width.
struct PackedKernels: @unchecked Sendable {  // Only addresses of functions and of a constant name.
  typealias Gemv =
    @convention(c) (
      Int, Int, Int, UnsafePointer<UInt32>, UnsafePointer<Float>, Int, UnsafePointer<ck_packed_side>,
      UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, UnsafePointer<ck_f32_store>
    ) -> Void
  typealias Unpack =
    @convention(c) (
      Int, UnsafePointer<UInt32>, UnsafePointer<ck_packed_side>, UnsafeMutablePointer<Float>
    ) -> Void
  typealias Quads = @convention(c) (Int, UnsafePointer<UInt32>, Int8, UnsafeMutablePointer<Int8>) -> Void
  typealias Fixed =
    @convention(c) (
      Int, Int, UnsafePointer<UInt32>, UnsafePointer<Int32>, UnsafePointer<Float>,
      UnsafePointer<ck_packed_side>, UnsafePointer<Float>, UnsafeMutablePointer<Float>,
      UnsafePointer<ck_f32_store>
    ) -> Void
  typealias Fix =
    @convention(c) (
      Int, Int, Int, UnsafePointer<Float>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Float>
    ) -> Int32

  /// Kernels for rows in fixed point.
  struct FixedPoint {
    let multiply: Fixed
    let fix: Fix
    /// k that share a step.
    let span: Int

    init?(_ multiply: Fixed?, _ info: ck_kernel_info, _ fix: Fix?) {
      guard let multiply, let fix else { return nil }
      self.multiply = multiply
      self.fix = fix
      span = Int(info.depth)
    }
  }

  let gemv: Gemv
  let unpack: Unpack
  let info: ck_kernel_info
  /// Nil where floats are as fast.
  let fixed: FixedPoint?
}

extension KernelTable {
  /// The kernels for codes of `bits`, which stand for themselves.
  func packed(_ bits: PackedWidth) -> PackedKernels {
    let m = matrix
    func kernels(
      _ gemv: PackedKernels.Gemv, _ unpack: PackedKernels.Unpack, _ info: ck_kernel_info,
      _ fixed: PackedKernels.Fixed?, _ fixedInfo: ck_kernel_info
    ) -> PackedKernels {
      PackedKernels(gemv: gemv, unpack: unpack, info: info, fixed: .init(fixed, fixedInfo, m.f32_fix))
    }
    return switch bits {
    // Bytes times bytes do not fit 16 bits, and conversions are few.
    case .eight: PackedKernels(gemv: m.q8_gemv, unpack: m.q8_unpack, info: m.q8_gemv_info, fixed: nil)
    case .six: kernels(m.q6_gemv, m.q6_unpack, m.q6_gemv_info, m.q6_fixed, m.q6_fixed_info)
    case .five: kernels(m.q5_gemv, m.q5_unpack, m.q5_gemv_info, m.q5_fixed, m.q5_fixed_info)
    case .four: kernels(m.q4_gemv, m.q4_unpack, m.q4_gemv_info, m.q4_fixed, m.q4_fixed_info)
    case .three: kernels(m.q3_gemv, m.q3_unpack, m.q3_gemv_info, m.q3_fixed, m.q3_fixed_info)
    case .two, .ternary: kernels(m.q2_gemv, m.q2_unpack, m.q2_gemv_info, m.q2_fixed, m.q2_fixed_info)
    case .one: kernels(m.q1_gemv, m.q1_unpack, m.q1_gemv_info, m.q1_fixed, m.q1_fixed_info)
    }
  }

  /// The kernels for places in a table of 16 or 256 values; `small` where all 16 are small whole numbers.
  func tabled(_ bits: PackedWidth, small: Bool) -> PackedKernels {
    let m = matrix
    return bits == .four
      ? PackedKernels(
        gemv: m.n4_gemv, unpack: m.n4_unpack, info: m.n4_gemv_info,
        fixed: small ? .init(m.n4_fixed, m.n4_fixed_info, m.f32_fix) : nil)
      : PackedKernels(gemv: m.n8_gemv, unpack: m.n8_unpack, info: m.n8_gemv_info, fixed: nil)
  }

  /// Unpacks codes of `bits`, below eight, to bytes.
  func quads(_ bits: PackedWidth) -> PackedKernels.Quads {
    switch bits {
    case .eight: preconditionFailure("8-bit weights take IntegerMatrix")
    case .six: matrix.q6_quads
    case .five: matrix.q5_quads
    case .four: matrix.q4_quads
    case .three: matrix.q3_quads
    case .two, .ternary: matrix.q2_quads
    case .one: matrix.q1_quads
    }
  }
}
