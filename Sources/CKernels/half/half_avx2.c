#if defined(__x86_64__)
#include "../dispatch/matrix_declare.h"
#include "../support/avx2.h"
#include "half_format.h"

/// Eight weights as floats.
CK_AVX2 CK_INLINE __m256 widen(const half_format format, const uint16_t *p) {
  const __m128i bits = _mm_loadu_si128((const __m128i *)p);
  if (format == f16) return _mm256_cvtph_ps(bits);
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
}

CK_AVX2 CK_INLINE void unpack(const half_format format, size_t k, const uint16_t *b, float *out) {
  for (size_t p = 0; p < k; p++, b += CK_PANEL, out += CK_PANEL) {
    _mm256_storeu_ps(out, widen(format, b));
    _mm256_storeu_ps(out + 8, widen(format, b + 8));
  }
}

/// One step of k for `rows` rows of x.
CK_AVX2 CK_INLINE void add_step(const half_format format, const int rows, __m256 (*sum)[2], const float *x, size_t ldx,
                                const uint16_t *b) {
  const __m256 b0 = widen(format, b), b1 = widen(format, b + 8);
  CK_UNROLL for (int r = 0; r < rows; r++) {
    const __m256 v = _mm256_broadcast_ss(x + (size_t)r * ldx);
    sum[r][0] = _mm256_fmadd_ps(v, b0, sum[r][0]);
    sum[r][1] = _mm256_fmadd_ps(v, b1, sum[r][1]);
  }
}

/// One panel times `rows` rows, `chains` sums per output side by side.
CK_AVX2 CK_INLINE void panel(const half_format format, const int rows, const int chains, size_t nr, size_t k,
                             const float *x, size_t ldx, const uint16_t *b, float *c, size_t ldc,
                             const ck_f32_store *store) {
  __m256 sum[4][4][2];
  CK_UNROLL for (int j = 0; j < chains; j++)
    CK_UNROLL for (int r = 0; r < rows; r++) sum[j][r][0] = sum[j][r][1] = _mm256_setzero_ps();
  size_t p = 0;
  for (; p + (size_t)chains <= k; p += (size_t)chains, b += chains * CK_PANEL)
    CK_UNROLL for (int j = 0; j < chains; j++) add_step(format, rows, sum[j], x + p + j, ldx, b + j * CK_PANEL);
  for (; p < k; p++, b += CK_PANEL) add_step(format, rows, sum[0], x + p, ldx, b);
  ck_avx2_finish f = ck_avx2_finish_begin(nr, store);
  CK_UNROLL for (int r = 0; r < rows; r++) {
    CK_UNROLL for (int j = 1; j < chains; j++) {
      sum[0][r][0] = _mm256_add_ps(sum[0][r][0], sum[j][r][0]);
      sum[0][r][1] = _mm256_add_ps(sum[0][r][1], sum[j][r][1]);
    }
    ck_avx2_finish_row(&f, nr >= CK_PANEL, (size_t)r, sum[0][r][0], sum[0][r][1], c, ldc, store);
  }
}

CK_AVX2 CK_INLINE void gemv(const half_format format, size_t rows, size_t nr, size_t k, const float *x, size_t ldx,
                            const uint16_t *b, float *c, size_t ldc, const ck_f32_store *store) {
#define CK_PANEL_OF(rows) \
  panel(format, rows, (rows) == 1 ? 4 : (rows) == 2 ? 2 : 1, nr, k, x, ldx, b, c, ldc, store)
  switch (rows) { CK_COUNTS_TO_4(CK_PANEL_OF) }
#undef CK_PANEL_OF
}

#define CK_HALF(format)                                                                                          \
  CK_AVX2 void format##_unpack_avx2(size_t k, const uint16_t *b, float *out) { unpack(format, k, b, out); }      \
  CK_AVX2 void format##_gemv_4x16_avx2(size_t rows, size_t nr, size_t k, const float *x, size_t ldx,             \
                                       const uint16_t *b, float *c, size_t ldc, const ck_f32_store *store) {     \
    gemv(format, rows, nr, k, x, ldx, b, c, ldc, store);                                                         \
  }
CK_HALF(f16)
CK_HALF(bf16)
#endif
