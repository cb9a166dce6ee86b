#include "../support/finish.h"
#include "../dispatch/matrix_declare.h"

#define CK_TARGET
#define CK_SPMV(name) name##_portable
#include "sparse_template.h"

#define CK_DEFINE_SPMM(kernel, block, type, value)                                                            \
  void kernel(size_t rows, size_t nr, const uint32_t *starts, const uint16_t *index, const void *values,      \
              const float *floats, const float *x, float *c, size_t ldc, const ck_f32_store *store) {         \
    (void)floats;                                                                                             \
    const type *all = values;                                                                                 \
    float sums[block][CK_PANEL];                                                                              \
    for (size_t n = 0; n < nr; n++) {                                                                         \
      float s[block] = {0};                                                                                   \
      for (size_t e = starts[n]; e < starts[n + 1]; e++) {                                                    \
        const float w = value(all[e]);                                                                        \
        const float *column = x + (size_t)index[e] * block;                                                   \
        for (size_t i = 0; i < block; i++) s[i] += w * column[i];                                             \
      }                                                                                                       \
      for (size_t i = 0; i < block; i++) sums[i][n] = s[i];                                                   \
    }                                                                                                         \
    for (size_t i = 0; i < rows; i++) ck_finish_row(i, nr, sums[i], c, ldc, store);                           \
  }

CK_DEFINE_SPMM(f32_spmm_16x16_portable, 16, float, CK_PLAIN)
CK_DEFINE_SPMM(s8_spmm_16x16_portable, 16, int8_t, CK_LOOKED_UP)
CK_DEFINE_SPMM(f32_spmm_8x16_portable, 8, float, CK_PLAIN)
CK_DEFINE_SPMM(s8_spmm_8x16_portable, 8, int8_t, CK_LOOKED_UP)
