#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

// The third half lies at the start of the next panel.
CK_AVX2 CK_INLINE void conv(const int rows, const int halves, const ck_avx2_integers *f,
                            const ck_avx2_integers *g, size_t segments, size_t pairs,
                            const int16_t *a, const int32_t *at, size_t a_segment, const int16_t *b, size_t b_panel,
                            void *c, size_t ldc, const ck_integer_store *store) {
  __m256i sum[6][2], third[6][2];
  const int16_t *x[6];
  CK_UNROLL for (int i = 0; i < rows; i++) {
    x[i] = a + at[i];
    CK_UNROLL for (int h = 0; h < 2; h++) sum[i][h] = third[i][h] = _mm256_setzero_si256();
  }
  // The third half reads the pixels again: see f32_conv_avx2.c.
#define CK_STEP                                                                                    \
  {                                                                                                \
    __m256i w[2];                                                                                  \
    CK_UNROLL for (int h = 0; h < halves && h < 2; h++)                                            \
      w[h] = _mm256_loadu_si256((const __m256i *)(b + CK_PANEL * h));                              \
    CK_UNROLL for (int i = 0; i < rows; i++) {                                                     \
      const __m256i v = ck_avx2_spread(x[i] + 2 * p);                                              \
      CK_UNROLL for (int h = 0; h < halves && h < 2; h++)                                          \
        sum[i][h] = _mm256_add_epi32(sum[i][h], _mm256_madd_epi16(v, w[h]));                       \
    }                                                                                              \
    CK_IN_ORDER;                                                                                   \
    if (halves > 2) {                                                                              \
      const __m256i last = _mm256_loadu_si256((const __m256i *)(b + b_panel));                     \
      CK_UNROLL for (int i = 0; i < rows; i++)                                                     \
        third[i][0] = _mm256_add_epi32(third[i][0], _mm256_madd_epi16(ck_avx2_spread(x[i] + 2 * p), last)); \
      CK_IN_ORDER;                                                                                 \
    }                                                                                              \
    b += 2 * CK_PANEL;                                                                             \
  }
  for (size_t s = 0; s < segments; s++) {
    size_t p = 0;
    if (pairs >= CK_LONG_RUN) CK_UNROLL_4 for (; p < pairs; p++) CK_STEP
    CK_ROLLED for (; p < pairs; p++) CK_STEP
    CK_UNROLL for (int i = 0; i < rows; i++) x[i] += a_segment;
  }
#undef CK_STEP
  ck_avx2_finish_integers(rows, f, sum, c, ldc, store);
  if (halves < 3) return;
  ck_integer_store rest = *store;
  if (rest.residual) rest.residual += CK_PANEL;
  ck_avx2_finish_integers(rows, g, third, (char *)c + CK_PANEL * (store->quantize ? 1 : 4), ldc, &rest);
}

// Tiles of 6x16, 6x8 and 4x24.
CK_AVX2 void s16_conv_12x24_avx2(size_t mr, size_t nr, size_t segments, size_t pairs, const int16_t *a,
                                 const int32_t *at, size_t a_segment, const int16_t *b, size_t b_panel, void *c,
                                 size_t ldc, const ck_integer_store *store) {
  ck_integer_store part = *store, rest = *store;
  const ck_avx2_integers f = ck_avx2_integers_begin(nr < CK_PANEL ? nr : CK_PANEL, store);
  ck_avx2_integers g = f;
  if (nr > CK_PANEL) {
    rest.column_sums += CK_PANEL;
    rest.scale += CK_PANEL;
    if (rest.bias) rest.bias += CK_PANEL;
    g = ck_avx2_integers_begin(nr - CK_PANEL, &rest);
  }
  const ck_avx2_integers *first = &f, *second = &g;
  CK_IN_MEMORY(first);
  CK_IN_MEMORY(second);
#define CK_HALF(rows) conv(rows, 1, first, second, segments, pairs, a, at, a_segment, b, b_panel, c, ldc, &part)
#define CK_WHOLE(rows) conv(rows, 2, first, second, segments, pairs, a, at, a_segment, b, b_panel, c, ldc, &part)
#define CK_WIDE(rows) conv(rows, 3, first, second, segments, pairs, a, at, a_segment, b, b_panel, c, ldc, &part)
  const size_t most = nr > CK_PANEL ? 4 : 6;
  while (mr > 0) {
    const size_t rows = mr < most ? mr : most;
    CK_CONV_TILE(rows, nr, CK_HALF, CK_WHOLE, CK_WIDE)
    mr -= rows;
    at += rows;
    c = (char *)c + rows * ldc * (store->quantize ? 1 : 4);
    if (part.residual) part.residual += rows * part.residual_stride;
  }
#undef CK_HALF
#undef CK_WHOLE
#undef CK_WIDE
}
#endif
