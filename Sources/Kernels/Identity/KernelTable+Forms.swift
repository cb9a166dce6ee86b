import CKernels

extension KernelTable {
  /// One kernel of every storage form, as this level runs it; what has zeros is given without any.
  package var forms: [KernelIdentity] {
    let (m, none) = (matrix, ZeroShares(zeros: 0))
    let forms: [(KernelIdentity.Arithmetic, KernelStorage, ck_kernel_info)] = [
      (.float32, .dense(.float32), m.f32_gemm_info), (.float32, .depthwise, m.f32_depthwise_info),
      (.float32, .direct, m.f32_conv_info), (.int8, .direct, m.s16_conv_info),
      (.float32, .dense(.half(.float16)), m.f16_gemv_info),
      (.float32, .dense(.half(.bfloat16)), m.bf16_gemv_info), (.int8, .dense(.int8), m.u8s8_gemm_info),
      (.int8, .depthwise, m.u8s8_depthwise_info), (.float32, .packed(.eight), m.q8_gemv_info),
      (.float32, .packed(.six), m.q6_gemv_info), (.float32, .packed(.five), m.q5_gemv_info),
      (.float32, .packed(.four), m.q4_gemv_info), (.float32, .packed(.three), m.q3_gemv_info),
      (.float32, .packed(.two), m.q2_gemv_info), (.float32, .packed(.one), m.q1_gemv_info),
      (.float32, .codebook(.four), m.n4_gemv_info), (.float32, .codebook(.eight), m.n8_gemv_info),
      (.float32, .sparse(.float32, none), m.f32_spmm_info), (.float32, .blocks(none), m.f32_block_info),
    ]
    return forms.map { KernelIdentity($0.0, $0.1, KernelCode($0.2)) }
      + KeepPattern.allCases.reversed().map { pattern in
        KernelIdentity(.float32, .pattern(pattern), KernelCode(pattern.kernel(of: self).info))
      }
  }
}
