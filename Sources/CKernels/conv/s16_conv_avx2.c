#if defined(__x86_64__)
#include "../support/avx2_integers.h"
#include "../dispatch/matrix_declare.h"

/// One pair of values of each pixel times one step of weights; the third half-panel, at the start of the next panel, reads
/// the pixels again: see f32_conv_avx2.c.
CK_AVX2 CK_INLINE void add_pair(const int rows, const int halves, __m256i (*sum)[2], __m256i (*third)[2],
                                const int16_t *const x[6], size_t p, const int16_t *b, size_t b_panel) {
  __m256i w[2];
  CK_UNROLL for (int h = 0; h < halves && h < 2; h++)
    w[h] = _mm256_loadu_si256((const __m256i *)(b + CK_PANEL * h));
  CK_UNROLL for (int i = 0; i < rows; i++) {
    const __m256i v = ck_avx2_spread(x[i] + 2 * p);
    CK_UNROLL for (int h = 0; h < halves && h < 2; h++)
      sum[i][h] = _mm256_add_epi32(sum[i][h], _mm256_madd_epi16(v, w[h]));
  }
  CK_IN_ORDER;
  if (halves < 3) return;
  const __m256i last = _mm256_loadu_si256((const __m256i *)(b + b_panel));
  CK_UNROLL for (int i = 0; i < rows; i++)
    third[i][0] = _mm256_add_epi32(third[i][0], _mm256_madd_epi16(ck_avx2_spread(x[i] + 2 * p), last));
  CK_IN_ORDER;
}

/// What all tiles of a call share. `first` and `second` finish a panel each.
typedef struct {
  const ck_avx2_integers *first, *second;
  size_t segments, pairs, a_segment;
  const int16_t *b;
  size_t b_panel;
} convolution;

/// A tile of `rows` pixels by `halves` half-panels.
CK_AVX2 CK_INLINE void tile(const int rows, const int halves, const convolution *all, const int16_t *a,
                            const int32_t *at, void *c, size_t ldc, const ck_integer_store *store) {
  const size_t pairs = all->pairs, b_panel = all->b_panel;
  const int16_t *b = all->b;
  __m256i sum[6][2], third[6][2];
  const int16_t *x[6];
  CK_UNROLL for (int i = 0; i < rows; i++) {
    x[i] = a + at[i];
    CK_UNROLL for (int h = 0; h < 2; h++) sum[i][h] = third[i][h] = _mm256_setzero_si256();
  }
  for (size_t s = 0; s < all->segments; s++) {
    size_t p = 0;
    if (pairs >= CK_LONG_RUN)
      CK_UNROLL_4 for (; p < pairs; p++, b += 2 * CK_PANEL) add_pair(rows, halves, sum, third, x, p, b, b_panel);
    CK_ROLLED for (; p < pairs; p++, b += 2 * CK_PANEL) add_pair(rows, halves, sum, third, x, p, b, b_panel);
    CK_UNROLL for (int i = 0; i < rows; i++) x[i] += all->a_segment;
  }
  ck_avx2_finish_integers(rows, all->first, sum, c, ldc, store);
  if (halves < 3) return;
  ck_integer_store rest = *store;
  if (rest.residual) rest.residual += CK_PANEL;
  ck_avx2_finish_integers(rows, all->second, third, (char *)c + CK_PANEL * (store->quantize ? 1 : 4), ldc, &rest);
}

/// A tile of any number of pixels: up to 4x24, or 6x16, or 6x8.
CK_AVX2 CK_INLINE void any_tile(size_t rows, size_t nr, const convolution *all, const int16_t *a, const int32_t *at,
                                void *c, size_t ldc, const ck_integer_store *store) {
#define CK_HALF(rows) tile(rows, 1, all, a, at, c, ldc, store)
#define CK_WHOLE(rows) tile(rows, 2, all, a, at, c, ldc, store)
#define CK_WIDE(rows) tile(rows, 3, all, a, at, c, ldc, store)
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
  convolution all = {&f, &g, segments, pairs, a_segment, b, b_panel};
  CK_IN_MEMORY(all.first);
  CK_IN_MEMORY(all.second);
  const size_t most = nr > CK_PANEL ? 4 : 6;
  while (mr > 0) {
    const size_t rows = mr < most ? mr : most;
    any_tile(rows, nr, &all, a, at, c, ldc, &part);
    mr -= rows;
    at += rows;
    c = (char *)c + rows * ldc * (store->quantize ? 1 : 4);
    if (part.residual) part.residual += rows * part.residual_stride;
  }
}
#endif
