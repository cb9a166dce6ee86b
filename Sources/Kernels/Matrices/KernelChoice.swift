import CKernels

/// What multiplies weights of one storage form on one feature level.
package struct KernelChoice: Equatable, Sendable {
  /// For people, such as "4-bit weights".
  package let form: String
  /// Its tile and the level it is written for, which may be a lower one: "6x16 AVX2".
  package let kernel: String
}

extension KernelTable {
  /// The kernel of every storage form on this level.
  package var choices: [KernelChoice] {
    let forms: [(String, ck_kernel_info)] = [
      ("dense float32", matrix.f32_gemm_info), ("depthwise float32", matrix.f32_depthwise_info),
      ("convolution float32", matrix.f32_conv_info),
      ("convolution, 8-bit weights and activations", matrix.s16_conv_info),
      ("float16", matrix.f16_gemv_info), ("bfloat16", matrix.bf16_gemv_info),
      ("8-bit weights and activations", matrix.u8s8_gemm_info),
      ("depthwise, 8-bit weights and activations", matrix.u8s8_depthwise_info),
      ("8-bit weights", matrix.q8_gemv_info), ("6-bit weights", matrix.q6_gemv_info),
      ("5-bit weights", matrix.q5_gemv_info), ("4-bit weights", matrix.q4_gemv_info),
      ("3-bit weights", matrix.q3_gemv_info), ("2-bit and ternary weights", matrix.q2_gemv_info),
      ("binary weights", matrix.q1_gemv_info), ("4-bit tables of values", matrix.n4_gemv_info),
      ("unstructured sparse", matrix.f32_spmm_info), ("2:4", matrix.f32_pattern2of4_info),
      ("4:8", matrix.f32_pattern4of8_info), ("1:4", matrix.f32_pattern1of4_info),
      ("blocks", matrix.f32_block_info),
    ]
    return forms.map { KernelChoice(form: $0.0, kernel: $0.1.shown) }
  }
}
