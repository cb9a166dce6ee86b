// Weights of 16 bits, IEEE binary16 or bfloat16, in panels.
#ifndef CK_HALF_H
#define CK_HALF_H

#include "ck_types.h"

/// Widens `k` steps of a 16-bit panel to floats.
typedef void ck_half_unpack_fn(size_t k, const uint16_t *_Nonnull b, float *_Nonnull out);

/// One panel of 16-bit weights times 1 to 4 rows of x.
typedef void ck_half_gemv_fn(size_t rows, size_t nr, size_t k, const float *_Nonnull x, size_t ldx,
                             const uint16_t *_Nonnull b, float *_Nonnull c, size_t ldc,
                             const ck_f32_store *_Nonnull store);

#define CK_HALF_SLOTS(S, O)           \
  S(f16_unpack, ck_half_unpack_fn)    \
  S(f16_gemv, ck_half_gemv_fn)        \
  S(bf16_unpack, ck_half_unpack_fn)   \
  S(bf16_gemv, ck_half_gemv_fn)

#define CK_HALF_KERNELS(X)                            \
  X(0, f16_unpack, f16_unpack_portable, 0, 1, 1)      \
  X(0, f16_gemv, f16_gemv_4x16_portable, 4, 1, 1)     \
  X(0, bf16_unpack, bf16_unpack_portable, 0, 1, 1)    \
  X(0, bf16_gemv, bf16_gemv_4x16_portable, 4, 1, 1)   \
  CK_X86(                                             \
    X(1, f16_unpack, f16_unpack_avx2, 0, 1, 1)        \
    X(1, f16_gemv, f16_gemv_4x16_avx2, 4, 1, 1)       \
    X(1, bf16_unpack, bf16_unpack_avx2, 0, 1, 1)      \
    X(1, bf16_gemv, bf16_gemv_4x16_avx2, 4, 1, 1)     \
    X(2, f16_unpack, f16_unpack_avx512, 0, 1, 1)      \
    X(2, f16_gemv, f16_gemv_4x16_avx512, 4, 1, 1)     \
    X(2, bf16_unpack, bf16_unpack_avx512, 0, 1, 1)    \
    X(2, bf16_gemv, bf16_gemv_4x16_avx512, 4, 1, 1)   \
  )

#endif
