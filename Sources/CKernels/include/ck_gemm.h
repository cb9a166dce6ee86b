// Float products of dense matrices.
#ifndef CK_GEMM_H
#define CK_GEMM_H

#include "ck_types.h"

/// y[mr, nr] from x[mr, k] and `nr` outputs of panels `b_panel` floats apart, for any number of rows. x element (i, p)
/// is a[i * a_row + p * a_step]; where a_step is 0, x was packed in tiles of the kernel's rows, one after the other.
typedef void ck_f32_gemm_fn(size_t mr, size_t nr, size_t k, const float *_Nonnull a, size_t a_row, size_t a_step,
                            const float *_Nonnull b, size_t b_panel, float *_Nonnull c, size_t ldc,
                            const ck_f32_store *_Nonnull store);

/// Interleaves `mr` rows of x: out[p * step + i] = x[i * ldx + p].
typedef void ck_f32_pack_fn(size_t mr, size_t k, const float *_Nonnull x, size_t ldx, float *_Nonnull out,
                            size_t step);

#define CK_GEMM_SLOTS(S, O)     \
  S(f32_gemm, ck_f32_gemm_fn)   \
  S(f32_pack, ck_f32_pack_fn)

#define CK_GEMM_KERNELS(X)                            \
  X(0, f32_gemm, f32_gemm_4x16_portable, 4, 1, 1)     \
  X(0, f32_pack, f32_pack_portable, 12, 1, 1)         \
  CK_X86(                                             \
    X(1, f32_gemm, f32_gemm_6x16_avx2, 6, 1, 1)       \
    X(2, f32_gemm, f32_gemm_12x32_avx512, 12, 2, 1)   \
  )

#endif
