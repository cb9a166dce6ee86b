// Sparse weights: values and 16-bit columns, output by output.
#ifndef CK_SPARSE_H
#define CK_SPARSE_H

#include "ck_types.h"

/// One row of x times `nr` sparse outputs: output n has elements starts[n]..<starts[n + 1]. Codes are looked up in
/// `floats` [256], indexed by their bits as unsigned bytes; float values ignore it.
typedef void ck_spmv_fn(size_t nr, const uint32_t *_Nonnull starts, const uint16_t *_Nonnull index,
                        const void *_Nonnull values, const float *_Nonnull floats, const float *_Nonnull x,
                        float *_Nonnull c, const ck_f32_store *_Nonnull store);

/// The same for up to a block of rows, x transposed: element (row, k) is x[k * block + row], block being the
/// kernel's rows.
typedef void ck_spmm_fn(size_t rows, size_t nr, const uint32_t *_Nonnull starts, const uint16_t *_Nonnull index,
                        const void *_Nonnull values, const float *_Nonnull floats, const float *_Nonnull x,
                        float *_Nonnull c, size_t ldc, const ck_f32_store *_Nonnull store);

#define CK_SPARSE_SLOTS(S, O)   \
  S(f32_spmv, ck_spmv_fn)       \
  S(s8_spmv, ck_spmv_fn)        \
  S(f32_spmm, ck_spmm_fn)       \
  S(s8_spmm, ck_spmm_fn)        \
  S(f32_spmm_few, ck_spmm_fn)   \
  S(s8_spmm_few, ck_spmm_fn)

#define CK_SPARSE_KERNELS(X)                            \
  X(0, f32_spmv, f32_spmv_portable, 1, 1, 1)            \
  X(0, s8_spmv, s8_spmv_portable, 1, 1, 1)              \
  X(0, f32_spmm, f32_spmm_16x16_portable, 16, 1, 1)     \
  X(0, s8_spmm, s8_spmm_16x16_portable, 16, 1, 1)       \
  X(0, f32_spmm_few, f32_spmm_8x16_portable, 8, 1, 1)   \
  X(0, s8_spmm_few, s8_spmm_8x16_portable, 8, 1, 1)     \
  CK_X86(                                               \
    X(1, f32_spmv, f32_spmv_avx2, 1, 1, 1)              \
    X(1, s8_spmv, s8_spmv_avx2, 1, 1, 1)                \
    X(1, f32_spmm, f32_spmm_16x16_avx2, 16, 1, 1)       \
    X(1, s8_spmm, s8_spmm_16x16_avx2, 16, 1, 1)         \
    X(1, f32_spmm_few, f32_spmm_8x16_avx2, 8, 1, 1)     \
    X(1, s8_spmm_few, s8_spmm_8x16_avx2, 8, 1, 1)       \
    X(2, f32_spmm, f32_spmm_32x16_avx512, 32, 1, 1)     \
    X(2, s8_spmm, s8_spmm_32x16_avx512, 32, 1, 1)       \
  )

#endif
