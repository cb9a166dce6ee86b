#if defined(__x86_64__)
#include "../support/avx512.h"
#include "../dispatch/matrix_declare.h"

CK_AVX512 CK_INLINE __m512 widen_f16(const uint16_t *p) {
  return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}
CK_AVX512 CK_INLINE __m512 widen_bf16(const uint16_t *p) {
  return _mm512_castsi512_ps(
      _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}

#define CK_DEFINE_HALF(type)                                                                                  \
  CK_AVX512 void type##_unpack_avx512(size_t k, const uint16_t *b, float *out) {                              \
    for (size_t p = 0; p < k; p++, b += CK_PANEL, out += CK_PANEL) _mm512_storeu_ps(out, widen_##type(b));    \
  }                                                                                                           \
  CK_AVX512 CK_INLINE void type##_rows(const int rows, size_t nr, size_t k, const float *x, size_t ldx,       \
                                       const uint16_t *b, float *c, size_t ldc, const ck_f32_store *store) {  \
    __m512 sum[4][4];                                                                                         \
    CK_UNROLL for (int j = 0; j < 4; j++)                                                                     \
      CK_UNROLL for (int r = 0; r < rows; r++) sum[j][r] = _mm512_setzero_ps();                               \
    size_t p = 0;                                                                                             \
    for (; p + 4 <= k; p += 4, b += 4 * CK_PANEL)                                                             \
      CK_UNROLL for (int j = 0; j < 4; j++) {                                                                 \
        const __m512 w = widen_##type(b + j * CK_PANEL);                                                      \
        CK_UNROLL for (int r = 0; r < rows; r++)                                                              \
          sum[j][r] = _mm512_fmadd_ps(_mm512_set1_ps(x[(size_t)r * ldx + p + (size_t)j]), w, sum[j][r]);      \
      }                                                                                                       \
    for (; p < k; p++, b += CK_PANEL) {                                                                       \
      const __m512 w = widen_##type(b);                                                                       \
      CK_UNROLL for (int r = 0; r < rows; r++)                                                                \
        sum[0][r] = _mm512_fmadd_ps(_mm512_set1_ps(x[(size_t)r * ldx + p]), w, sum[0][r]);                    \
    }                                                                                                         \
    const __mmask16 mask = ck_mask16(nr);                                                                     \
    CK_UNROLL for (int r = 0; r < rows; r++) {                                                                \
      const __m512 v = _mm512_add_ps(_mm512_add_ps(sum[0][r], sum[1][r]), _mm512_add_ps(sum[2][r], sum[3][r])); \
      ck_avx512_finish_row(mask, (size_t)r, 0, v, c, ldc, store);                                             \
    }                                                                                                         \
  }                                                                                                           \
  CK_AVX512 void type##_gemv_4x16_avx512(size_t rows, size_t nr, size_t k, const float *x, size_t ldx,        \
                                         const uint16_t *b, float *c, size_t ldc, const ck_f32_store *store) { \
    switch (rows) {                                                                                           \
      case 1: type##_rows(1, nr, k, x, ldx, b, c, ldc, store); break;                                         \
      case 2: type##_rows(2, nr, k, x, ldx, b, c, ldc, store); break;                                         \
      case 3: type##_rows(3, nr, k, x, ldx, b, c, ldc, store); break;                                         \
      case 4: type##_rows(4, nr, k, x, ldx, b, c, ldc, store); break;                                         \
      default: break;                                                                                         \
    }                                                                                                         \
  }

CK_DEFINE_HALF(f16)
CK_DEFINE_HALF(bf16)
#endif
