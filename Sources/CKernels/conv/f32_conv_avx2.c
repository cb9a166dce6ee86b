#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

// `chains` sums per output run side by side where few of them leave the FMA units waiting for each other: as many for
// any number of rows, so that a sum does not depend on the tile it is in. The third half lies at the start of the next
// panel.
CK_AVX2 CK_INLINE void conv(const int rows, const int halves, const int chains, const size_t known, const ck_avx2_finish *f,
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
  // The third half reads the pixels again: beside twelve sums there are registers for two weights and a pixel, and a sum
  // that has to be kept in memory waits for it at every step.
#define CK_STEP(j)                                                                                          \
  {                                                                                                         \
    __m256 w[2];                                                                                            \
    CK_UNROLL for (int h = 0; h < halves && h < 2; h++) w[h] = _mm256_loadu_ps(b + 8 * h);                  \
    CK_UNROLL for (int i = 0; i < rows; i++) {                                                              \
      const __m256 v = _mm256_broadcast_ss(x[i] + p + (known ? 0 : j));                                                   \
      CK_UNROLL for (int h = 0; h < halves && h < 2; h++) sum[j][i][h] = _mm256_fmadd_ps(v, w[h], sum[j][i][h]); \
    }                                                                                                       \
    CK_IN_ORDER;                                                                                            \
    if (halves > 2) {                                                                                       \
      const __m256 third = _mm256_loadu_ps(b + b_panel);                                                    \
      CK_UNROLL for (int i = 0; i < rows; i++)                                                              \
        sum[j][i][2] = _mm256_fmadd_ps(_mm256_broadcast_ss(x[i] + p + (known ? 0 : j)), third, sum[j][i][2]);             \
      CK_IN_ORDER;                                                                                          \
    }                                                                                                       \
    b += CK_PANEL;                                                                                          \
  }
  for (size_t s = 0; s < segments; s++) {
    size_t p = 0;
    CK_UNROLL for (; p < known; p++) CK_STEP(p % (size_t)chains)
    if (known == 0 && run >= CK_LONG_RUN)
      CK_UNROLL_4 for (; p + (size_t)chains <= run; p += (size_t)chains)
        CK_UNROLL for (int j = 0; j < chains; j++) CK_STEP(j)
    if (known == 0) {
      CK_ROLLED for (; p + (size_t)chains <= run; p += (size_t)chains)
        CK_UNROLL for (int j = 0; j < chains; j++) CK_STEP(j)
      if (chains > 1) CK_ROLLED for (; p < run; p++) CK_STEP(0)
    }
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

// Tiles of 6x16, 6x8 and 4x24: twelve sums each. Whole tiles of the usual first layers, 3 or 5 columns of one channel, have
// their runs written out.
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
  const ck_avx2_finish *first = &f, *second = &g;
  CK_IN_MEMORY(first);
  CK_IN_MEMORY(second);
#define CK_TILE(rows, halves, chains, known) \
  conv(rows, halves, chains, known, first, second, segments, run, a, at, a_segment, b, b_panel, c, ldc, &part)
#define CK_HALF(rows) CK_TILE(rows, 1, 2, 0)
#define CK_WHOLE(rows) CK_TILE(rows, 2, 1, 0)
#define CK_WIDE(rows) CK_TILE(rows, 3, 1, 0)
#define CK_KNOWN(known)               \
  if (nr > CK_PANEL) {                \
    CK_TILE(4, 3, 1, known);          \
  } else if (nr > 8) {                \
    CK_TILE(6, 2, 1, known);          \
  } else {                            \
    CK_TILE(6, 1, 2, known);          \
  }
  const size_t most = nr > CK_PANEL ? 4 : 6;
  while (mr > 0) {
    const size_t rows = mr < most ? mr : most;
    if (rows == most && run == 3) {
      CK_KNOWN(3)
    } else if (rows == most && run == 5) {
      CK_KNOWN(5)
    } else {
      CK_CONV_TILE(rows, nr, CK_HALF, CK_WHOLE, CK_WIDE)
    }
    mr -= rows;
    at += rows;
    c += rows * ldc;
    if (part.residual) part.residual += rows * part.residual_stride;
  }
#undef CK_TILE
#undef CK_KNOWN
#undef CK_HALF
#undef CK_WHOLE
#undef CK_WIDE
}
#endif
