// Products of bytes in exact integer sums. Slots u8s7...u8s4 take weights small enough for shorter sums in 16 bits.
#ifndef CK_INTEGER_H
#define CK_INTEGER_H

#include "ck_types.h"

/// Integer product over `groups` groups of k, for any number of rows; a packed by u8_pack_pairs or u8_pack_quads in tiles
/// of the kernel's rows, one after the other, b in the kernel's depth, panels `b_panel` bytes apart. Of each pair of
/// weights, u8s7 kernels need |w0| + |w1| <= 128, u8s6 64, u8s5 32, u8s4 16.
typedef void ck_integer_gemm_fn(size_t mr, size_t nr, size_t groups, const void *_Nonnull a,
                                const int8_t *_Nonnull b, size_t b_panel, void *_Nonnull c, size_t ldc,
                                const ck_integer_store *_Nonnull store);

/// Interleaves `mr` rows of x in pairs (as 16-bit) or quads (as bytes) of k, zero past k, and sums each row
/// where sums are wanted.
typedef void ck_u8_pack_fn(size_t mr, size_t k, const uint8_t *_Nonnull x, size_t ldx, void *_Nonnull out,
                           int32_t *_Nullable row_sums);

#define CK_INTEGER_SLOTS(S, O)       \
  S(u8s8_gemm, ck_integer_gemm_fn)   \
  S(u8s7_gemm, ck_integer_gemm_fn)   \
  S(u8s6_gemm, ck_integer_gemm_fn)   \
  S(u8s5_gemm, ck_integer_gemm_fn)   \
  S(u8s4_gemm, ck_integer_gemm_fn)   \
  S(u8_pack_quads, ck_u8_pack_fn)    \
  S(u8_pack_pairs, ck_u8_pack_fn)

#define CK_INTEGER_KERNELS(X)                               \
  X(0, u8s8_gemm, u8s8_gemm_4x16_portable, 4, 1, 4)         \
  X(0, u8s7_gemm, u8s7_gemm_4x16_portable, 4, 1, 4)         \
  X(0, u8s6_gemm, u8s7_gemm_4x16_portable, 4, 1, 4)         \
  X(0, u8s5_gemm, u8s7_gemm_4x16_portable, 4, 1, 4)         \
  X(0, u8s4_gemm, u8s7_gemm_4x16_portable, 4, 1, 4)         \
  X(0, u8_pack_quads, u8_pack_quads_portable, 12, 1, 4)     \
  X(0, u8_pack_pairs, u8_pack_pairs_portable, 12, 1, 2)     \
  CK_X86(                                                   \
    X(1, u8s8_gemm, u8s8_gemm_6x16_avx2, 6, 1, 2)           \
    X(1, u8s7_gemm, u8s7_gemm_6x16_avx2, 6, 1, 4)           \
    X(1, u8s6_gemm, u8s6_gemm_6x16_avx2, 6, 1, 4)           \
    X(1, u8s5_gemm, u8s5_gemm_6x16_avx2, 6, 1, 4)           \
    X(1, u8s4_gemm, u8s4_gemm_6x16_avx2, 6, 1, 4)           \
    X(2, u8s8_gemm, u8s8_gemm_12x32_avx512, 12, 2, 2)       \
    X(2, u8s7_gemm, u8s7_gemm_12x32_avx512, 12, 2, 4)       \
    X(2, u8s6_gemm, u8s7_gemm_12x32_avx512, 12, 2, 4)       \
    X(2, u8s5_gemm, u8s7_gemm_12x32_avx512, 12, 2, 4)       \
    X(2, u8s4_gemm, u8s7_gemm_12x32_avx512, 12, 2, 4)       \
    X(3, u8s8_gemm, u8s8_gemm_12x32_avx512vnni, 12, 2, 4)   \
    X(3, u8s7_gemm, u8s8_gemm_12x32_avx512vnni, 12, 2, 4)   \
    X(3, u8s6_gemm, u8s8_gemm_12x32_avx512vnni, 12, 2, 4)   \
    X(3, u8s5_gemm, u8s8_gemm_12x32_avx512vnni, 12, 2, 4)   \
    X(3, u8s4_gemm, u8s8_gemm_12x32_avx512vnni, 12, 2, 4)   \
  )

#endif
