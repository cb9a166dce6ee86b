#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

#define CK_TARGET CK_AVX2
#define CK_SPMV(name) name##_avx2
#include "sparse_template.h"

/// Turns 8 rows of 8.
CK_AVX2 CK_INLINE void transpose8(__m256 v[8]) {
  __m256 a[8], b[8];
  CK_UNROLL for (int i = 0; i < 4; i++) {
    a[2 * i] = _mm256_unpacklo_ps(v[2 * i], v[2 * i + 1]);
    a[2 * i + 1] = _mm256_unpackhi_ps(v[2 * i], v[2 * i + 1]);
  }
  CK_UNROLL for (int i = 0; i < 2; i++) {
    b[4 * i] = _mm256_shuffle_ps(a[4 * i], a[4 * i + 2], 0x44);
    b[4 * i + 1] = _mm256_shuffle_ps(a[4 * i], a[4 * i + 2], 0xee);
    b[4 * i + 2] = _mm256_shuffle_ps(a[4 * i + 1], a[4 * i + 3], 0x44);
    b[4 * i + 3] = _mm256_shuffle_ps(a[4 * i + 1], a[4 * i + 3], 0xee);
  }
  CK_UNROLL for (int i = 0; i < 4; i++) {
    v[i] = _mm256_permute2f128_ps(b[i], b[i + 4], 0x20);
    v[i + 4] = _mm256_permute2f128_ps(b[i], b[i + 4], 0x31);
  }
}

/// Finishes a tile that lies transposed: sums[output][row].
CK_AVX2 CK_INLINE void finish_transposed(const int vectors, size_t rows, size_t nr, __m256 (*sums)[2], float *c,
                                         size_t ldc, const ck_f32_store *store) {
  ck_avx2_finish f = ck_avx2_finish_begin(nr, store);
  CK_UNROLL for (int v = 0; v < vectors; v++) {
    __m256 low[8], high[8];
    CK_UNROLL for (int n = 0; n < 8; n++) {
      low[n] = sums[n][v];
      high[n] = sums[n + 8][v];
    }
    transpose8(low);
    transpose8(high);
    for (size_t i = 0; i < 8 && (size_t)v * 8 + i < rows; i++)
      ck_avx2_finish_row(&f, nr >= CK_PANEL, (size_t)v * 8 + i, low[i], high[i], c, ldc, store);
  }
}

/// `vectors` vectors of rows times element `e`, added to one chain of sums.
CK_AVX2 CK_INLINE void add_element(const sparse_values kind, const int vectors, __m256 *sum, size_t e,
                                   const uint16_t *index, const void *values, const float *floats, const float *x) {
  const __m256 w = _mm256_set1_ps(sparse_value(kind, values, floats, e));
  const float *column = x + (size_t)index[e] * (8 * (size_t)vectors);
  CK_UNROLL for (int v = 0; v < vectors; v++) sum[v] = _mm256_fmadd_ps(w, _mm256_loadu_ps(column + 8 * v), sum[v]);
}

/// `block` rows, 8 or 16; four elements of an output at a time.
CK_AVX2 CK_INLINE void spmm(const sparse_values kind, const int block, size_t rows, size_t nr, const uint32_t *starts,
                            const uint16_t *index, const void *values, const float *floats, const float *x, float *c,
                            size_t ldc, const ck_f32_store *store) {
  const int vectors = block / 8;
  __m256 sums[CK_PANEL][2];
  for (size_t n = 0; n < CK_PANEL; n++) sums[n][0] = sums[n][1] = _mm256_setzero_ps();
  for (size_t n = 0; n < nr; n++) {
    __m256 s[4][2];
    CK_UNROLL for (int j = 0; j < 4; j++)
      CK_UNROLL for (int v = 0; v < vectors; v++) s[j][v] = _mm256_setzero_ps();
    size_t e = starts[n];
    const size_t end = starts[n + 1];
    for (; e + 4 <= end; e += 4)
      CK_UNROLL for (int j = 0; j < 4; j++)
        add_element(kind, vectors, s[j], e + (size_t)j, index, values, floats, x);
    for (; e < end; e++) add_element(kind, vectors, s[0], e, index, values, floats, x);
    CK_UNROLL for (int v = 0; v < vectors; v++) {
      CK_UNROLL for (int j = 1; j < 4; j++) s[0][v] = _mm256_add_ps(s[0][v], s[j][v]);
      sums[n][v] = s[0][v];
    }
  }
  finish_transposed(vectors, rows, nr, sums, c, ldc, store);
}

CK_SPMM(CK_AVX2, f32_spmm_16x16_avx2, plain, 16)
CK_SPMM(CK_AVX2, s8_spmm_16x16_avx2, looked_up, 16)
CK_SPMM(CK_AVX2, f32_spmm_8x16_avx2, plain, 8)
CK_SPMM(CK_AVX2, s8_spmm_8x16_avx2, looked_up, 8)
#endif
