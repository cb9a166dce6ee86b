#if defined(__x86_64__)
#include "ck_avx2.h"
#include "ck_matrix_declare.h"

// `chains` sums per output run side by side where few of them leave the FMA units waiting for each other: as many for
// any number of rows, so that a sum does not depend on the tile it is in. The third half lies at the start of the next
// panel.
CK_AVX2 CK_INLINE void conv(const int rows, const int halves, const int chains, const ck_avx2_finish *f,
                            const ck_avx2_finish *g, size_t segments, size_t run, const float *a,
                            const int32_t *at, size_t a_segment, const float *b, size_t b_panel, float *c,
                            size_t ldc, const ck_f32_store *store) {
  __m256 sum[2][6][3];
  const float *x[6];
  CK_UNROLL for (int i = 0; i < rows; i++) {
    x[i] = a + at[i];
    // Results are fetched while the sums are made.
    __builtin_prefetch(c + (size_t)i * ldc, 1);
    if (halves > 2) __builtin_prefetch(c + (size_t)i * ldc + CK_PANEL, 1);
    CK_UNROLL for (int j = 0; j < chains; j++)
      CK_UNROLL for (int h = 0; h < halves; h++) sum[j][i][h] = _mm256_setzero_ps();
  }
#define CK_STEP(j)                                                                                       \
  {                                                                                                      \
    __m256 w[3];                                                                                         \
    CK_UNROLL for (int h = 0; h < halves; h++) w[h] = _mm256_loadu_ps(h < 2 ? b + 8 * h : b + b_panel);  \
    CK_UNROLL for (int i = 0; i < rows; i++) {                                                           \
      const __m256 v = _mm256_broadcast_ss(x[i] + p + j);                                                \
      CK_UNROLL for (int h = 0; h < halves; h++) sum[j][i][h] = _mm256_fmadd_ps(v, w[h], sum[j][i][h]);  \
    }                                                                                                    \
    b += CK_PANEL;                                                                                       \
  }
  for (size_t s = 0; s < segments; s++) {
    size_t p = 0;
    CK_UNROLL_4 for (; p + (size_t)chains <= run; p += (size_t)chains) CK_UNROLL for (int j = 0; j < chains; j++) CK_STEP(j)
    for (; p < run; p++) CK_STEP(0)
    CK_UNROLL for (int i = 0; i < rows; i++) x[i] += a_segment;
  }
#undef CK_STEP
  CK_UNROLL for (int j = 1; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < halves; h++) sum[0][i][h] = _mm256_add_ps(sum[0][i][h], sum[j][i][h]);
  ck_avx2_finish_tile(rows, halves < 2 ? 1 : 2, f, sum[0], c, ldc, store);
  if (halves < 3) return;
  ck_f32_store third = *store;
  if (third.residual) third.residual += CK_PANEL;
  __m256 last[6][3];
  CK_UNROLL for (int i = 0; i < rows; i++) last[i][0] = sum[0][i][2];
  ck_avx2_finish_tile(rows, 1, g, last, c + CK_PANEL, ldc, &third);
}

// Tiles of 6x16, 6x8 and 4x24: twelve sums each.
CK_AVX2 void f32_conv_12x24_avx2(size_t mr, size_t nr, size_t segments, size_t run, const float *a,
                                 const int32_t *at, size_t a_segment, const float *b, size_t b_panel, float *c,
                                 size_t ldc, const ck_f32_store *store) {
  ck_f32_store part = *store, rest = *store;
  const ck_avx2_finish f = ck_avx2_finish_begin(nr < CK_PANEL ? nr : CK_PANEL, store);
  ck_avx2_finish g = f;
  if (nr > CK_PANEL) {
    if (rest.scale) rest.scale += CK_PANEL;
    if (rest.bias) rest.bias += CK_PANEL;
    g = ck_avx2_finish_begin(nr - CK_PANEL, &rest);
  }
#define CK_HALF(rows) conv(rows, 1, 2, &f, &g, segments, run, a, at, a_segment, b, b_panel, c, ldc, &part)
#define CK_WHOLE(rows) conv(rows, 2, 1, &f, &g, segments, run, a, at, a_segment, b, b_panel, c, ldc, &part)
#define CK_WIDE(rows) conv(rows, 3, 1, &f, &g, segments, run, a, at, a_segment, b, b_panel, c, ldc, &part)
  const size_t most = nr > CK_PANEL ? 4 : 6;
  while (mr > 0) {
    const size_t rows = mr < most ? mr : most;
    CK_CONV_TILE(rows, nr, CK_HALF, CK_WHOLE, CK_WIDE)
    mr -= rows;
    at += rows;
    c += rows * ldc;
    if (part.residual) part.residual += rows * part.residual_stride;
  }
#undef CK_HALF
#undef CK_WHOLE
#undef CK_WIDE
}
#endif
