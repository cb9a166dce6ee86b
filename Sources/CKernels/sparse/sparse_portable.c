#include "../dispatch/matrix_declare.h"
#include "../support/finish.h"

#define CK_TARGET
#define CK_SPMV(name) name##_portable
#include "sparse_template.h"

/// Up to `block` rows, of which 16 is the most.
CK_INLINE void spmm(const sparse_values kind, const size_t block, size_t rows, size_t nr, const uint32_t *starts,
                    const uint16_t *index, const void *values, const float *floats, const float *x, float *c,
                    size_t ldc, const ck_f32_store *store) {
  float sums[16][CK_PANEL];
  for (size_t n = 0; n < nr; n++) {
    float s[16] = {0};
    for (size_t e = starts[n]; e < starts[n + 1]; e++) {
      const float w = sparse_value(kind, values, floats, e);
      const float *column = x + (size_t)index[e] * block;
      for (size_t i = 0; i < block; i++) s[i] += w * column[i];
    }
    for (size_t i = 0; i < block; i++) sums[i][n] = s[i];
  }
  for (size_t i = 0; i < rows; i++) ck_finish_row(i, nr, sums[i], c, ldc, store);
}

CK_SPMM(, f32_spmm_16x16_portable, plain, 16)
CK_SPMM(, s8_spmm_16x16_portable, looked_up, 16)
CK_SPMM(, f32_spmm_8x16_portable, plain, 8)
CK_SPMM(, s8_spmm_8x16_portable, looked_up, 8)
