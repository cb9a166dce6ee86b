#if defined(__x86_64__)
#include "../dispatch/matrix_declare.h"
#include "../support/avx512.h"
#include "sparse_values.h"

/// Two vectors of rows times element `e`, added to one chain of sums.
CK_AVX512 CK_INLINE void add_element(const sparse_values kind, __m512 *sum, size_t e, const uint16_t *index,
                                     const void *values, const float *floats, const float *x) {
  const __m512 w = _mm512_set1_ps(sparse_value(kind, values, floats, e));
  const float *column = x + (size_t)index[e] * 32;
  CK_UNROLL for (int v = 0; v < 2; v++) sum[v] = _mm512_fmadd_ps(w, _mm512_loadu_ps(column + 16 * v), sum[v]);
}

/// `block` is 32 rows; two elements of an output at a time.
CK_AVX512 CK_INLINE void spmm(const sparse_values kind, const int block, size_t rows, size_t nr,
                              const uint32_t *starts, const uint16_t *index, const void *values, const float *floats,
                              const float *x, float *c, size_t ldc, const ck_f32_store *store) {
  float sums[CK_PANEL][32] __attribute__((aligned(64))) = {{0}};
  for (size_t n = 0; n < nr; n++) {
    __m512 s[2][2];
    CK_UNROLL for (int j = 0; j < 2; j++) s[j][0] = s[j][1] = _mm512_setzero_ps();
    size_t e = starts[n];
    const size_t end = starts[n + 1];
    for (; e + 2 <= end; e += 2)
      CK_UNROLL for (int j = 0; j < 2; j++) add_element(kind, s[j], e + (size_t)j, index, values, floats, x);
    if (e < end) add_element(kind, s[0], e, index, values, floats, x);
    CK_UNROLL for (int v = 0; v < 2; v++) _mm512_store_ps(sums[n] + 16 * v, _mm512_add_ps(s[0][v], s[1][v]));
  }
  const __mmask16 mask = ck_mask16(nr);
  const __m512i outputs = _mm512_mullo_epi32(
      _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), _mm512_set1_epi32(block));
  for (size_t i = 0; i < rows; i++)
    ck_avx512_finish_row(mask, i, 0, _mm512_i32gather_ps(outputs, sums[0] + i, 4), c, ldc, store);
}

CK_SPMM(CK_AVX512, f32_spmm_32x16_avx512, plain, 32)
CK_SPMM(CK_AVX512, s8_spmm_32x16_avx512, looked_up, 32)
#endif
