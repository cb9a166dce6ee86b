#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

/// Sums of 8 outputs over the inputs of one strip.
CK_AVX2 CK_INLINE void strip(const int rows, const int chains, size_t count, const uint32_t *index,
                             const float *values, const float *a, size_t a_step, __m256 *out) {
  __m256 sum[4][12];
  CK_UNROLL for (int j = 0; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++) sum[j][i] = _mm256_setzero_ps();
  size_t e = 0;
  for (; e + (size_t)chains <= count; e += (size_t)chains)
    CK_UNROLL for (int j = 0; j < chains; j++) {
      const __m256 w = _mm256_loadu_ps(values + (e + (size_t)j) * 8);
      const float *x = a + (size_t)index[e + (size_t)j] * a_step;
      CK_UNROLL for (int i = 0; i < rows; i++)
        sum[j][i] = _mm256_fmadd_ps(_mm256_broadcast_ss(x + i), w, sum[j][i]);
    }
  for (; e < count; e++) {
    const __m256 w = _mm256_loadu_ps(values + e * 8);
    const float *x = a + (size_t)index[e] * a_step;
    CK_UNROLL for (int i = 0; i < rows; i++)
      sum[0][i] = _mm256_fmadd_ps(_mm256_broadcast_ss(x + i), w, sum[0][i]);
  }
  CK_UNROLL for (int i = 0; i < rows; i++) {
    CK_UNROLL for (int j = 1; j < chains; j++) sum[0][i] = _mm256_add_ps(sum[0][i], sum[j][i]);
    out[i] = sum[0][i];
  }
}

CK_AVX2 CK_INLINE void panel(const int rows, const int chains, size_t nr, const uint32_t *starts,
                             const uint32_t *index, const float *values, const float *a, size_t a_step,
                             float *c, size_t ldc, const ck_f32_store *store) {
  __m256 sums[2][12];
  CK_UNROLL for (int h = 0; h < 2; h++)
    strip(rows, chains, starts[h + 1] - starts[h], index + starts[h], values + (size_t)starts[h] * 8, a, a_step,
          sums[h]);
  ck_avx2_finish f = ck_avx2_finish_begin(nr, store);
  for (int i = 0; i < rows; i++)
    ck_avx2_finish_row(&f, nr >= CK_PANEL, (size_t)i, sums[0][i], sums[1][i], c, ldc, store);
}

/// Eight sums in all keep both multipliers busy.
CK_INLINE int chains_of(const int rows) { return rows < 3 ? 4 : rows == 3 ? 3 : rows < 7 ? 2 : 1; }

CK_AVX2 void f32_block_12x16_avx2(size_t mr, size_t nr, const uint32_t *starts, const uint32_t *index,
                                  const float *values, const float *a, size_t a_step, float *c, size_t ldc,
                                  const ck_f32_store *store) {
#define CK_PANEL_OF(rows) panel(rows, chains_of(rows), nr, starts, index, values, a, a_step, c, ldc, store)
  switch (mr) { CK_COUNTS_TO_12(CK_PANEL_OF) }
#undef CK_PANEL_OF
}
#endif
