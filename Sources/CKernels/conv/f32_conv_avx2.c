#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

/// One value of each pixel times one step of weights. The third half-panel, at the start of the next panel, reads the
/// pixels again: beside twelve sums there are registers for two weights and a pixel, and a sum that has to be kept in
/// memory waits for it at every step.
CK_AVX2 CK_INLINE void add_step(const int rows, const int halves, __m256 (*sum)[3], const float *const x[6], size_t at,
                                const float *b, size_t b_panel) {
  __m256 w[2];
  CK_UNROLL for (int h = 0; h < halves && h < 2; h++) w[h] = _mm256_loadu_ps(b + 8 * h);
  CK_UNROLL for (int i = 0; i < rows; i++) {
    const __m256 v = _mm256_broadcast_ss(x[i] + at);
    CK_UNROLL for (int h = 0; h < halves && h < 2; h++) sum[i][h] = _mm256_fmadd_ps(v, w[h], sum[i][h]);
  }
  CK_IN_ORDER;
  if (halves < 3) return;
  const __m256 third = _mm256_loadu_ps(b + b_panel);
  CK_UNROLL for (int i = 0; i < rows; i++)
    sum[i][2] = _mm256_fmadd_ps(_mm256_broadcast_ss(x[i] + at), third, sum[i][2]);
  CK_IN_ORDER;
}

/// What all tiles of a call share. `first` and `second` finish a panel each.
typedef struct {
  const ck_avx2_finish *first, *second;
  size_t segments, run, a_segment;
  const float *b;
  size_t b_panel;
} convolution;

/// A tile of `rows` pixels by `halves` half-panels. `chains` sums per output run side by side where few of them leave the
/// FMA units waiting for each other: as many for any number of rows, so that a sum does not depend on the tile it is in.
/// `known` is the run where it is written out, else 0.
CK_AVX2 CK_INLINE void tile(const int rows, const int halves, const int chains, const size_t known,
                            const convolution *all, const float *a, const int32_t *at, float *c, size_t ldc,
                            const ck_f32_store *store) {
  const size_t run = all->run, b_panel = all->b_panel;
  const float *b = all->b;
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
  for (size_t s = 0; s < all->segments; s++) {
    size_t p = 0;
    CK_UNROLL for (; p < known; p++, b += CK_PANEL)
      add_step(rows, halves, sum[p % (size_t)chains], x, p, b, b_panel);
    if (known == 0 && run >= CK_LONG_RUN)
      CK_UNROLL_4 for (; p + (size_t)chains <= run; p += (size_t)chains)
        CK_UNROLL for (int j = 0; j < chains; j++, b += CK_PANEL)
          add_step(rows, halves, sum[j], x, p + (size_t)j, b, b_panel);
    if (known == 0) {
      CK_ROLLED for (; p + (size_t)chains <= run; p += (size_t)chains)
        CK_UNROLL for (int j = 0; j < chains; j++, b += CK_PANEL)
          add_step(rows, halves, sum[j], x, p + (size_t)j, b, b_panel);
      if (chains > 1)
        CK_ROLLED for (; p < run; p++, b += CK_PANEL) add_step(rows, halves, sum[0], x, p, b, b_panel);
    }
    CK_UNROLL for (int i = 0; i < rows; i++) x[i] += all->a_segment;
  }
  CK_UNROLL for (int j = 1; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < halves; h++) sum[0][i][h] = _mm256_add_ps(sum[0][i][h], sum[j][i][h]);
  ck_avx2_finish_tile(rows, halves < 2 ? 1 : 2, all->first, sum[0], c, ldc, store);
  if (halves < 3) return;
  ck_f32_store third = *store;
  if (third.residual) third.residual += CK_PANEL;
  __m256 last[6][3];
  CK_UNROLL for (int i = 0; i < rows; i++) last[i][0] = sum[0][i][2];
  ck_avx2_finish_tile(rows, 1, all->second, last, c + CK_PANEL, ldc, &third);
}

/// A whole tile of runs that are written out.
CK_AVX2 CK_INLINE void known_tile(const size_t known, size_t nr, const convolution *all, const float *a,
                                  const int32_t *at, float *c, size_t ldc, const ck_f32_store *store) {
  if (nr > CK_PANEL)
    tile(4, 3, 1, known, all, a, at, c, ldc, store);
  else if (nr > 8)
    tile(6, 2, 1, known, all, a, at, c, ldc, store);
  else
    tile(6, 1, 2, known, all, a, at, c, ldc, store);
}

/// A tile of any number of pixels: up to 4x24, or 6x16, or 6x8.
CK_AVX2 CK_INLINE void any_tile(size_t rows, size_t nr, const convolution *all, const float *a, const int32_t *at,
                                float *c, size_t ldc, const ck_f32_store *store) {
#define CK_HALF(rows) tile(rows, 1, 2, 0, all, a, at, c, ldc, store)
#define CK_WHOLE(rows) tile(rows, 2, 1, 0, all, a, at, c, ldc, store)
#define CK_WIDE(rows) tile(rows, 3, 1, 0, all, a, at, c, ldc, store)
  if (nr > CK_PANEL) {
    switch (rows) { CK_COUNTS_TO_4(CK_WIDE) }
  } else if (nr > 8) {
    switch (rows) { CK_COUNTS_TO_6(CK_WHOLE) }
  } else {
    switch (rows) { CK_COUNTS_TO_6(CK_HALF) }
  }
#undef CK_HALF
#undef CK_WHOLE
#undef CK_WIDE
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
  convolution all = {&f, &g, segments, run, a_segment, b, b_panel};
  CK_IN_MEMORY(all.first);
  CK_IN_MEMORY(all.second);
  const size_t most = nr > CK_PANEL ? 4 : 6;
  while (mr > 0) {
    const size_t rows = mr < most ? mr : most;
    if (rows == most && run == 3) {
      known_tile(3, nr, &all, a, at, c, ldc, &part);
    } else if (rows == most && run == 5) {
      known_tile(5, nr, &all, a, at, c, ldc, &part);
    } else {
      any_tile(rows, nr, &all, a, at, c, ldc, &part);
    }
    mr -= rows;
    at += rows;
    c += rows * ldc;
    if (part.residual) part.residual += rows * part.residual_stride;
  }
}
#endif
