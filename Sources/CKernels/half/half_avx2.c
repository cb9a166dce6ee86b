#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

CK_AVX2 CK_INLINE __m256 widen_f16(const uint16_t *p) {
  return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
}
CK_AVX2 CK_INLINE __m256 widen_bf16(const uint16_t *p) {
  return _mm256_castsi256_ps(
      _mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)), 16));
}

#define CK_DEFINE_HALF(type)                                                                                  \
  CK_AVX2 void type##_unpack_avx2(size_t k, const uint16_t *b, float *out) {                                  \
    for (size_t p = 0; p < k; p++, b += CK_PANEL, out += CK_PANEL) {                                          \
      _mm256_storeu_ps(out, widen_##type(b));                                                                 \
      _mm256_storeu_ps(out + 8, widen_##type(b + 8));                                                         \
    }                                                                                                         \
  }                                                                                                           \
  CK_AVX2 CK_INLINE void type##_rows(const int rows, const int chains, size_t nr, size_t k, const float *x,   \
                                     size_t ldx, const uint16_t *b, float *c, size_t ldc,                     \
                                     const ck_f32_store *store) {                                             \
    __m256 sum[4][4][2];                                                                                      \
    CK_UNROLL for (int j = 0; j < chains; j++)                                                                \
      CK_UNROLL for (int r = 0; r < rows; r++) sum[j][r][0] = sum[j][r][1] = _mm256_setzero_ps();             \
    size_t p = 0;                                                                                             \
    for (; p + (size_t)chains <= k; p += (size_t)chains, b += chains * CK_PANEL)                              \
      CK_UNROLL for (int j = 0; j < chains; j++) {                                                            \
        __m256 b0 = widen_##type(b + j * CK_PANEL), b1 = widen_##type(b + j * CK_PANEL + 8);                  \
        CK_UNROLL for (int r = 0; r < rows; r++) {                                                            \
          __m256 v = _mm256_broadcast_ss(x + (size_t)r * ldx + p + j);                                        \
          sum[j][r][0] = _mm256_fmadd_ps(v, b0, sum[j][r][0]);                                                \
          sum[j][r][1] = _mm256_fmadd_ps(v, b1, sum[j][r][1]);                                                \
        }                                                                                                     \
      }                                                                                                       \
    for (; p < k; p++, b += CK_PANEL) {                                                                       \
      __m256 b0 = widen_##type(b), b1 = widen_##type(b + 8);                                                  \
      CK_UNROLL for (int r = 0; r < rows; r++) {                                                              \
        __m256 v = _mm256_broadcast_ss(x + (size_t)r * ldx + p);                                              \
        sum[0][r][0] = _mm256_fmadd_ps(v, b0, sum[0][r][0]);                                                  \
        sum[0][r][1] = _mm256_fmadd_ps(v, b1, sum[0][r][1]);                                                  \
      }                                                                                                       \
    }                                                                                                         \
    ck_avx2_finish f = ck_avx2_finish_begin(nr, store);                                                       \
    CK_UNROLL for (int r = 0; r < rows; r++) {                                                                \
      CK_UNROLL for (int j = 1; j < chains; j++) {                                                            \
        sum[0][r][0] = _mm256_add_ps(sum[0][r][0], sum[j][r][0]);                                             \
        sum[0][r][1] = _mm256_add_ps(sum[0][r][1], sum[j][r][1]);                                             \
      }                                                                                                       \
      ck_avx2_finish_row(&f, nr >= CK_PANEL, (size_t)r, sum[0][r][0], sum[0][r][1], c, ldc, store);           \
    }                                                                                                         \
  }                                                                                                           \
  CK_AVX2 void type##_gemv_4x16_avx2(size_t rows, size_t nr, size_t k, const float *x, size_t ldx,            \
                                     const uint16_t *b, float *c, size_t ldc, const ck_f32_store *store) {    \
    switch (rows) {                                                                                           \
      case 1: type##_rows(1, 4, nr, k, x, ldx, b, c, ldc, store); break;                                      \
      case 2: type##_rows(2, 2, nr, k, x, ldx, b, c, ldc, store); break;                                      \
      case 3: type##_rows(3, 1, nr, k, x, ldx, b, c, ldc, store); break;                                      \
      case 4: type##_rows(4, 1, nr, k, x, ldx, b, c, ldc, store); break;                                      \
      default: break;                                                                                         \
    }                                                                                                         \
  }

CK_DEFINE_HALF(f16)
CK_DEFINE_HALF(bf16)
#endif
