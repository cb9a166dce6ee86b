#if defined(__x86_64__)
#include "../dispatch/matrix_declare.h"
#include "../support/avx512.h"
#include "half_format.h"

/// Sixteen weights as floats.
CK_AVX512 CK_INLINE __m512 widen(const half_format format, const uint16_t *p) {
  const __m256i bits = _mm256_loadu_si256((const __m256i *)p);
  if (format == f16) return _mm512_cvtph_ps(bits);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

CK_AVX512 CK_INLINE void unpack(const half_format format, size_t k, const uint16_t *b, float *out) {
  for (size_t p = 0; p < k; p++, b += CK_PANEL, out += CK_PANEL) _mm512_storeu_ps(out, widen(format, b));
}

/// One step of k for `rows` rows of x.
CK_AVX512 CK_INLINE void add_step(const half_format format, const int rows, __m512 *sum, const float *x, size_t ldx,
                                  const uint16_t *b) {
  const __m512 w = widen(format, b);
  CK_UNROLL for (int r = 0; r < rows; r++) sum[r] = _mm512_fmadd_ps(_mm512_set1_ps(x[(size_t)r * ldx]), w, sum[r]);
}

/// One panel times `rows` rows, four sums per output side by side.
CK_AVX512 CK_INLINE void panel(const half_format format, const int rows, size_t nr, size_t k, const float *x,
                               size_t ldx, const uint16_t *b, float *c, size_t ldc, const ck_f32_store *store) {
  __m512 sum[4][4];
  CK_UNROLL for (int j = 0; j < 4; j++)
    CK_UNROLL for (int r = 0; r < rows; r++) sum[j][r] = _mm512_setzero_ps();
  size_t p = 0;
  for (; p + 4 <= k; p += 4, b += 4 * CK_PANEL)
    CK_UNROLL for (int j = 0; j < 4; j++) add_step(format, rows, sum[j], x + p + j, ldx, b + j * CK_PANEL);
  for (; p < k; p++, b += CK_PANEL) add_step(format, rows, sum[0], x + p, ldx, b);
  const __mmask16 mask = ck_mask16(nr);
  CK_UNROLL for (int r = 0; r < rows; r++) {
    const __m512 v = _mm512_add_ps(_mm512_add_ps(sum[0][r], sum[1][r]), _mm512_add_ps(sum[2][r], sum[3][r]));
    ck_avx512_finish_row(mask, (size_t)r, 0, v, c, ldc, store);
  }
}

CK_AVX512 CK_INLINE void gemv(const half_format format, size_t rows, size_t nr, size_t k, const float *x, size_t ldx,
                              const uint16_t *b, float *c, size_t ldc, const ck_f32_store *store) {
#define CK_PANEL_OF(rows) panel(format, rows, nr, k, x, ldx, b, c, ldc, store)
  switch (rows) { CK_COUNTS_TO_4(CK_PANEL_OF) }
#undef CK_PANEL_OF
}

#define CK_HALF(format)                                                                                          \
  CK_AVX512 void format##_unpack_avx512(size_t k, const uint16_t *b, float *out) { unpack(format, k, b, out); }  \
  CK_AVX512 void format##_gemv_4x16_avx512(size_t rows, size_t nr, size_t k, const float *x, size_t ldx,         \
                                           const uint16_t *b, float *c, size_t ldc, const ck_f32_store *store) { \
    gemv(format, rows, nr, k, x, ldx, b, c, ldc, store);                                                         \
  }
CK_HALF(f16)
CK_HALF(bf16)
#endif
