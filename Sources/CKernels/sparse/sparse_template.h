// Sparse products of one row in plain C, compiled for the target that the including file names in CK_TARGET;
// CK_SPMV(name) adds the level to a kernel's name.
#include "sparse_values.h"

/// Four sums run side by side, so that additions need not wait for each other.
CK_TARGET CK_INLINE void spmv(const sparse_values kind, size_t nr, const uint32_t *starts, const uint16_t *index,
                              const void *values, const float *floats, const float *x, float *c,
                              const ck_f32_store *store) {
  float sums[CK_PANEL];
  for (size_t n = 0; n < nr; n++) {
    float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    size_t e = starts[n];
    const size_t end = starts[n + 1];
    for (; e + 4 <= end; e += 4) {
      s0 += sparse_value(kind, values, floats, e) * x[index[e]];
      s1 += sparse_value(kind, values, floats, e + 1) * x[index[e + 1]];
      s2 += sparse_value(kind, values, floats, e + 2) * x[index[e + 2]];
      s3 += sparse_value(kind, values, floats, e + 3) * x[index[e + 3]];
    }
    for (; e < end; e++) s0 += sparse_value(kind, values, floats, e) * x[index[e]];
    sums[n] = (s0 + s1) + (s2 + s3);
  }
  ck_finish_row(0, nr, sums, c, 0, store);
}

CK_TARGET void CK_SPMV(f32_spmv)(size_t nr, const uint32_t *starts, const uint16_t *index, const void *values,
                                 const float *floats, const float *x, float *c, const ck_f32_store *store) {
  spmv(plain, nr, starts, index, values, floats, x, c, store);
}

CK_TARGET void CK_SPMV(s8_spmv)(size_t nr, const uint32_t *starts, const uint16_t *index, const void *values,
                                const float *floats, const float *x, float *c, const ck_f32_store *store) {
  spmv(looked_up, nr, starts, index, values, floats, x, c, store);
}
