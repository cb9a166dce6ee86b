// Matrix kernels: everything that multiplies by a weight matrix.
//
// Names: <types>_<operation>[_<rows>x<outputs>]_<level>, for example f32_gemm_6x16_avx2.
//   types       x then weights where they differ: f32, f16, bf16, u8s8, q4 (4-bit codes), n4 (4-bit
//               places in a table of values)
//   operation   gemm, gemv, unpack, pack, peak (a probe of the machine itself), ...
//   rows x outputs   the largest tile one call writes
//   level       portable, avx2, avx512, avx512vnni
//
// Weights lie in panels of CK_PANEL outputs, whatever the level: a panel holds, for each step along k, one value
// (or one word of codes) for each of its outputs; outputs past the last are zero.
#ifndef CK_MATRIX_H
#define CK_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "ck_matrix_types.h"

// One list drives declaration, dispatch, tests and benchmarks. A later line overlays an earlier one of its slot.
// X(level, slot, kernel, rows, panels, depth): largest rows per call, largest panels per call, and how many
// consecutive k lie together in one output's part of a packed operand.
#define CK_MATRIX_PORTABLE(X)                                   \
  X(0, f32_gemm, f32_gemm_4x16_portable, 4, 1, 1)               \
  X(0, f32_pack, f32_pack_portable, 12, 1, 1)                   \
  X(0, f16_unpack, f16_unpack_portable, 0, 1, 1)                \
  X(0, f16_gemv, f16_gemv_4x16_portable, 4, 1, 1)               \
  X(0, bf16_unpack, bf16_unpack_portable, 0, 1, 1)              \
  X(0, bf16_gemv, bf16_gemv_4x16_portable, 4, 1, 1)             \
  X(0, f32_spmv, f32_spmv_portable, 1, 1, 1)                    \
  X(0, s8_spmv, s8_spmv_portable, 1, 1, 1)                      \
  X(0, f32_spmm, f32_spmm_16x16_portable, 16, 1, 1)             \
  X(0, s8_spmm, s8_spmm_16x16_portable, 16, 1, 1)               \
  X(0, f32_spmm_few, f32_spmm_8x16_portable, 8, 1, 1)           \
  X(0, s8_spmm_few, s8_spmm_8x16_portable, 8, 1, 1)             \
  X(0, f32_block, f32_block_12x16_portable, 12, 1, 1)           \
  X(0, f32_conv, f32_conv_12x24_portable, 12, 2, 1)             \
  X(0, s16_conv, s16_conv_12x24_portable, 12, 2, 2)             \
  X(0, f32_depthwise, f32_depthwise_portable, 0, 0, 1)          \
  X(0, u8s8_depthwise, u8s8_depthwise_portable, 0, 0, 1)        \
  X(0, u8s8_gemm, u8s8_gemm_4x16_portable, 4, 1, 4)             \
  X(0, u8s7_gemm, u8s7_gemm_4x16_portable, 4, 1, 4)             \
  X(0, u8s6_gemm, u8s7_gemm_4x16_portable, 4, 1, 4)             \
  X(0, u8s5_gemm, u8s7_gemm_4x16_portable, 4, 1, 4)             \
  X(0, u8s4_gemm, u8s7_gemm_4x16_portable, 4, 1, 4)             \
  X(0, u8_pack_quads, u8_pack_quads_portable, 12, 1, 4)         \
  X(0, u8_pack_pairs, u8_pack_pairs_portable, 12, 1, 2)         \
  X(0, f32_peak, f32_peak_portable, 0, 0, 1)                    \
  X(0, u8s8_peak, u8s8_peak_portable, 0, 0, 1)                  \
  X(0, u8_read, u8_read_portable, 0, 0, 1)                      \
  CK_PACKED_WIDTHS(CK_MATRIX_PACKED_LINES, X, 0, portable)      \
  CK_PATTERNS(CK_MATRIX_PATTERN_LINES, X, 0, portable) \
  CK_LEVEL_WIDTHS(CK_MATRIX_LEVEL_LINES, X, 0, portable)

#define CK_MATRIX_X86(X)                                        \
  X(1, f32_gemm, f32_gemm_6x16_avx2, 6, 1, 1)                   \
  X(1, f32_peak, f32_peak_avx2, 0, 0, 1)                        \
  X(1, u8s8_peak, u8s8_peak_avx2, 0, 0, 1)                      \
  X(1, u8_read, u8_read_avx2, 0, 0, 1)                          \
  X(1, f16_unpack, f16_unpack_avx2, 0, 1, 1)                    \
  X(1, f16_gemv, f16_gemv_4x16_avx2, 4, 1, 1)                   \
  X(1, bf16_unpack, bf16_unpack_avx2, 0, 1, 1)                  \
  X(1, bf16_gemv, bf16_gemv_4x16_avx2, 4, 1, 1)                 \
  X(1, f32_spmv, f32_spmv_avx2, 1, 1, 1)                        \
  X(1, s8_spmv, s8_spmv_avx2, 1, 1, 1)                          \
  X(1, f32_spmm, f32_spmm_16x16_avx2, 16, 1, 1)                 \
  X(1, s8_spmm, s8_spmm_16x16_avx2, 16, 1, 1)                   \
  X(1, f32_spmm_few, f32_spmm_8x16_avx2, 8, 1, 1)               \
  X(1, s8_spmm_few, s8_spmm_8x16_avx2, 8, 1, 1)                 \
  X(1, f32_block, f32_block_12x16_avx2, 12, 1, 1)               \
  X(1, f32_conv, f32_conv_12x24_avx2, 12, 2, 1)                 \
  X(1, s16_conv, s16_conv_12x24_avx2, 12, 2, 2)                 \
  X(1, f32_depthwise, f32_depthwise_avx2, 0, 0, 1)              \
  X(1, u8s8_depthwise, u8s8_depthwise_avx2, 0, 0, 1)            \
  X(1, f32_depthwise3, f32_depthwise3_avx2, 0, 0, 1)            \
  X(1, u8s8_depthwise3, u8s8_depthwise3_avx2, 0, 0, 1)          \
  X(1, u8s8_gemm, u8s8_gemm_6x16_avx2, 6, 1, 2)                 \
  X(1, u8s7_gemm, u8s7_gemm_6x16_avx2, 6, 1, 4)                 \
  X(1, u8s6_gemm, u8s6_gemm_6x16_avx2, 6, 1, 4)                 \
  X(1, u8s5_gemm, u8s5_gemm_6x16_avx2, 6, 1, 4)                 \
  X(1, u8s4_gemm, u8s4_gemm_6x16_avx2, 6, 1, 4)                 \
  CK_PACKED_WIDTHS(CK_MATRIX_PACKED_LINES, X, 1, avx2)          \
  CK_PATTERNS(CK_MATRIX_PATTERN_LINES, X, 1, avx2) \
  CK_LEVEL_WIDTHS(CK_MATRIX_LEVEL_LINES, X, 1, avx2)            \
  CK_FIXED_WIDTHS(CK_MATRIX_FIXED_LINES, X, 1, avx2)            \
  X(1, f32_fix, f32_fix_avx2, 1, 1, 4)                                   \
  X(2, f32_gemm, f32_gemm_12x32_avx512, 12, 2, 1)               \
  X(2, f32_peak, f32_peak_avx512, 0, 0, 1)                      \
  X(2, u8s8_peak, u8s8_peak_avx512, 0, 0, 1)                    \
  X(2, u8_read, u8_read_avx512, 0, 0, 1)                        \
  X(3, u8s8_peak, u8s8_peak_avx512vnni, 0, 0, 1)                \
  X(2, f16_unpack, f16_unpack_avx512, 0, 1, 1)                  \
  X(2, f16_gemv, f16_gemv_4x16_avx512, 4, 1, 1)                 \
  X(2, bf16_unpack, bf16_unpack_avx512, 0, 1, 1)                \
  X(2, bf16_gemv, bf16_gemv_4x16_avx512, 4, 1, 1)               \
  X(2, f32_spmm, f32_spmm_32x16_avx512, 32, 1, 1)               \
  X(2, s8_spmm, s8_spmm_32x16_avx512, 32, 1, 1)                 \
  X(2, f32_depthwise, f32_depthwise_avx512, 0, 0, 1)            \
  X(2, u8s8_depthwise, u8s8_depthwise_avx512, 0, 0, 1)          \
  X(2, u8s8_gemm, u8s8_gemm_12x32_avx512, 12, 2, 2)             \
  X(2, u8s7_gemm, u8s7_gemm_12x32_avx512, 12, 2, 4)             \
  X(2, u8s6_gemm, u8s7_gemm_12x32_avx512, 12, 2, 4)             \
  X(2, u8s5_gemm, u8s7_gemm_12x32_avx512, 12, 2, 4)             \
  X(2, u8s4_gemm, u8s7_gemm_12x32_avx512, 12, 2, 4)             \
  CK_PACKED_WIDTHS(CK_MATRIX_PACKED_LINES, X, 2, avx512)          \
  CK_PATTERNS(CK_MATRIX_PATTERN_LINES, X, 2, avx512) \
  CK_LEVEL_WIDTHS(CK_MATRIX_LEVEL_LINES, X, 2, avx512)            \
  CK_FIXED_WIDTHS(CK_MATRIX_FIXED_LINES, X, 2, avx512)            \
  X(2, f32_fix, f32_fix_avx512, 1, 1, 4)                               \
  X(3, u8s8_gemm, u8s8_gemm_12x32_avx512vnni, 12, 2, 4)         \
  X(3, u8s7_gemm, u8s8_gemm_12x32_avx512vnni, 12, 2, 4)         \
  X(3, u8s6_gemm, u8s8_gemm_12x32_avx512vnni, 12, 2, 4)         \
  X(3, u8s5_gemm, u8s8_gemm_12x32_avx512vnni, 12, 2, 4)         \
  X(3, u8s4_gemm, u8s8_gemm_12x32_avx512vnni, 12, 2, 4)

// The packed widths below 8 bits: 6, 5, 4, 3, 2, 1. Ternary weights take 2: unpacking trits five to a byte cost more than
// reading a fifth less saved (4096x4096 from memory: 900 us against 443).
#define CK_PACKED_WIDTHS(LINE, X, level, suffix)                                                         \
  LINE(X, level, suffix, q6) LINE(X, level, suffix, q5) LINE(X, level, suffix, q4) \
  LINE(X, level, suffix, q3) LINE(X, level, suffix, q2) LINE(X, level, suffix, q1)

#define CK_MATRIX_PACKED_LINES(X, level, suffix, q)             \
  X(level, q##_gemv, q##_gemv_4x16_##suffix, 4, 1, 4)           \
  X(level, q##_unpack, q##_unpack_##suffix, 0, 1, 4)            \
  X(level, q##_quads, q##_quads_##suffix, 0, 1, 4)

// Patterns that keep some of each run along k: 1 and 2 of 4, 1, 2 and 4 of 8.
#define CK_PATTERNS(LINE, X, level, suffix)                                                              \
  LINE(X, level, suffix, 1of4) LINE(X, level, suffix, 2of4) LINE(X, level, suffix, 1of8) LINE(X, level, suffix, 2of8) \
  LINE(X, level, suffix, 4of8)

#define CK_MATRIX_PATTERN_LINES(X, level, suffix, p) \
  X(level, f32_pattern##p, f32_pattern##p##_4x16_##suffix, 4, 1, 1)

// 8-bit codes, which integer products take as they are; and codes of 8 and 4 bits that stand for entries of a table.
#define CK_LEVEL_WIDTHS(LINE, X, level, suffix) LINE(X, level, suffix, q8) LINE(X, level, suffix, n8) LINE(X, level, suffix, n4)

#define CK_MATRIX_LEVEL_LINES(X, level, suffix, q)              \
  X(level, q##_gemv, q##_gemv_4x16_##suffix, 4, 1, 4)           \
  X(level, q##_unpack, q##_unpack_##suffix, 0, 1, 4)

// Widths that fixed-point rows multiply; no portable kernels, since these win by byte products alone.
#define CK_FIXED_WIDTHS(LINE, X, level, suffix)                                                          \
  LINE(X, level, suffix, q6) LINE(X, level, suffix, q5) LINE(X, level, suffix, q4) LINE(X, level, suffix, n4) \
  LINE(X, level, suffix, q3) LINE(X, level, suffix, q2) LINE(X, level, suffix, q1)

#define CK_MATRIX_FIXED_LINES(X, level, suffix, q) \
  X(level, q##_fixed, q##_fixed_1x16_##suffix, 1, 1, CK_FIXED_DEPTH_##q)

// k that share a step, whole groups.
#define CK_FIXED_DEPTH_q6 32
#define CK_FIXED_DEPTH_q5 32
#define CK_FIXED_DEPTH_q4 32
#define CK_FIXED_DEPTH_n4 32
#define CK_FIXED_DEPTH_q3 32
#define CK_FIXED_DEPTH_q2 32
#define CK_FIXED_DEPTH_q1 32

#if defined(__x86_64__)
#define CK_MATRIX_KERNELS(X) CK_MATRIX_PORTABLE(X) CK_MATRIX_X86(X)
#else
#define CK_MATRIX_KERNELS(X) CK_MATRIX_PORTABLE(X)
#endif

// The slots of a table and the type of the kernels each takes.
#define CK_MATRIX_SLOTS(S)                                      \
  S(f32_gemm, ck_f32_gemm_fn)                                   \
  S(f32_pack, ck_f32_pack_fn)                                   \
  S(f16_unpack, ck_half_unpack_fn)                              \
  S(f16_gemv, ck_half_gemv_fn)                                  \
  S(bf16_unpack, ck_half_unpack_fn)                             \
  S(bf16_gemv, ck_half_gemv_fn)                                 \
  S(f32_spmv, ck_spmv_fn)                                       \
  S(s8_spmv, ck_spmv_fn)                                        \
  S(f32_spmm, ck_spmm_fn)                                       \
  S(s8_spmm, ck_spmm_fn)                                        \
  S(f32_spmm_few, ck_spmm_fn)                                   \
  S(s8_spmm_few, ck_spmm_fn)                                    \
  S(f32_block, ck_block_fn)                                     \
  S(f32_conv, ck_f32_conv_fn)                                   \
  S(s16_conv, ck_s16_conv_fn)                                   \
  S(f32_depthwise, ck_f32_depthwise_fn)                         \
  S(u8s8_depthwise, ck_u8s8_depthwise_fn)                       \
  S(u8s8_gemm, ck_integer_gemm_fn)                              \
  S(u8s7_gemm, ck_integer_gemm_fn)                              \
  S(u8s6_gemm, ck_integer_gemm_fn)                              \
  S(u8s5_gemm, ck_integer_gemm_fn)                              \
  S(u8s4_gemm, ck_integer_gemm_fn)                              \
  S(u8_pack_quads, ck_u8_pack_fn)                               \
  S(u8_pack_pairs, ck_u8_pack_fn)                               \
  S(f32_peak, ck_peak_fn)                                       \
  S(u8s8_peak, ck_peak_fn)                                      \
  S(u8_read, ck_read_fn)                                        \
  CK_PACKED_SLOTS(S, q6) CK_PACKED_SLOTS(S, q5) CK_PACKED_SLOTS(S, q4) \
  CK_PACKED_SLOTS(S, q3) CK_PACKED_SLOTS(S, q2) CK_PACKED_SLOTS(S, q1) \
  S(f32_pattern1of4, ck_pattern_fn) S(f32_pattern2of4, ck_pattern_fn) S(f32_pattern1of8, ck_pattern_fn) \
  S(f32_pattern2of8, ck_pattern_fn) S(f32_pattern4of8, ck_pattern_fn) \
  CK_LEVEL_SLOTS(S, q8) CK_LEVEL_SLOTS(S, n8) CK_LEVEL_SLOTS(S, n4)

#define CK_LEVEL_SLOTS(S, q)                                    \
  S(q##_gemv, ck_packed_gemv_fn)                                \
  S(q##_unpack, ck_packed_unpack_fn)

#define CK_PACKED_SLOTS(S, q)                                   \
  CK_LEVEL_SLOTS(S, q)                                          \
  S(q##_quads, ck_packed_quads_fn)

// Slots that a level may leave empty.
#define CK_MATRIX_OPTIONAL_SLOTS(S)                             \
  S(f32_fix, ck_f32_fix_fn)                                     \
  S(f32_depthwise3, ck_f32_depthwise3_fn)                       \
  S(u8s8_depthwise3, ck_u8s8_depthwise3_fn)                     \
  S(q6_fixed, ck_packed_fixed_fn) S(q5_fixed, ck_packed_fixed_fn) S(q4_fixed, ck_packed_fixed_fn) \
  S(n4_fixed, ck_packed_fixed_fn) S(q3_fixed, ck_packed_fixed_fn) S(q2_fixed, ck_packed_fixed_fn) \
  S(q1_fixed, ck_packed_fixed_fn)

#define CK_DECLARE_MEMBER(slot, type) \
  type *_Nonnull slot;                \
  ck_kernel_info slot##_info;

#define CK_DECLARE_OPTIONAL(slot, type) \
  type *_Nullable slot;                 \
  ck_kernel_info slot##_info;

/// One kernel for each slot.
typedef struct {
  CK_MATRIX_SLOTS(CK_DECLARE_MEMBER)
  CK_MATRIX_OPTIONAL_SLOTS(CK_DECLARE_OPTIONAL)
} ck_matrix_table;
#undef CK_DECLARE_MEMBER
#undef CK_DECLARE_OPTIONAL

/// The table of `level` (see ck_feature_level), or of the highest lower level that has a kernel for a slot.
ck_matrix_table ck_matrix_table_for(int32_t level);

/// Every kernel of the list, all levels, and how many there are.
const ck_kernel_info *_Nonnull ck_matrix_kernels(int32_t *_Nonnull count);

#endif
