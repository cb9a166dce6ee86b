#if defined(__x86_64__)
#include "../support/avx512.h"
#include "../dispatch/matrix_declare.h"

/// What all tiles of a call share.
typedef struct {
  size_t segments, run, a_segment;
  const float *b;
  size_t b_panel;
  __mmask16 first, second;
} convolution;

/// Panels of 16 outputs that a tile has.
typedef enum { one, one_and_a_half, two } panels;

/// A tile of `rows` pixels. Two sums per output run side by side where there is one panel: as many for any number of rows,
/// so that a sum does not depend on the tile it is in.
CK_AVX512 CK_INLINE void tile(const int rows, const panels width, const convolution *all, const float *a,
                              const int32_t *at, float *c, size_t ldc, const ck_f32_store *store) {
  const size_t run = all->run, b_panel = all->b_panel;
  const int chains = width == one ? 2 : 1;
  const float *b = all->b;
  __m512 sum[2][8], next[8];
  __m256 half[8];
  const float *x[8];
  CK_UNROLL for (int i = 0; i < rows; i++) {
    x[i] = a + at[i];
    // Results are fetched while the sums are made.
    __builtin_prefetch(c + (size_t)i * ldc, 1);
    CK_UNROLL for (int j = 0; j < chains; j++) sum[j][i] = _mm512_setzero_ps();
    half[i] = _mm256_setzero_ps();
    next[i] = _mm512_setzero_ps();
  }
  for (size_t s = 0; s < all->segments; s++) {
    size_t p = 0;
    CK_ROLLED for (; p + (size_t)chains <= run; p += (size_t)chains) {
      CK_UNROLL for (int j = 0; j < chains; j++, b += CK_PANEL) {
        const __m512 w = _mm512_loadu_ps(b);
        if (width == two) {
          const __m512 v = _mm512_loadu_ps(b + b_panel);
          CK_UNROLL for (int i = 0; i < rows; i++) {
            const __m512 pixel = _mm512_set1_ps(x[i][p + (size_t)j]);
            sum[j][i] = _mm512_fmadd_ps(pixel, w, sum[j][i]);
            next[i] = _mm512_fmadd_ps(pixel, v, next[i]);
          }
        } else if (width == one_and_a_half) {
          const __m256 v = _mm256_loadu_ps(b + b_panel);
          CK_UNROLL for (int i = 0; i < rows; i++) {
            const __m512 pixel = _mm512_set1_ps(x[i][p + (size_t)j]);
            sum[j][i] = _mm512_fmadd_ps(pixel, w, sum[j][i]);
            half[i] = _mm256_fmadd_ps(_mm512_castps512_ps256(pixel), v, half[i]);
          }
        } else {
          CK_UNROLL for (int i = 0; i < rows; i++)
            sum[j][i] = _mm512_fmadd_ps(_mm512_set1_ps(x[i][p + (size_t)j]), w, sum[j][i]);
        }
      }
    }
    for (; p < run; p++, b += CK_PANEL) {
      const __m512 w = _mm512_loadu_ps(b);
      CK_UNROLL for (int i = 0; i < rows; i++) sum[0][i] = _mm512_fmadd_ps(_mm512_set1_ps(x[i][p]), w, sum[0][i]);
    }
    CK_UNROLL for (int i = 0; i < rows; i++) x[i] += all->a_segment;
  }
  CK_UNROLL for (int i = 0; i < rows; i++) {
    if (chains > 1) sum[0][i] = _mm512_add_ps(sum[0][i], sum[1][i]);
    ck_avx512_finish_row(all->first, (size_t)i, 0, sum[0][i], c, ldc, store);
    if (width == one_and_a_half) next[i] = _mm512_zextps256_ps512(half[i]);
    if (width != one) ck_avx512_finish_row(all->second, (size_t)i, CK_PANEL, next[i], c, ldc, store);
  }
}

/// A tile of up to 8 pixels.
CK_AVX512 CK_INLINE void any_tile(size_t rows, const panels width, const convolution *all, const float *a,
                                  const int32_t *at, float *c, size_t ldc, const ck_f32_store *store) {
#define CK_TILE(rows) tile(rows, width, all, a, at, c, ldc, store)
  switch (rows) { CK_COUNTS_TO_8(CK_TILE) }
#undef CK_TILE
}

// Tiles of 8x16, 8x24 and 8x32: more pixels want more pointers than there are registers. Half a panel would leave half of each
// register empty, and stays with AVX2. Beside it, 48 pixels on an Intel Xeon (Ice Lake, 2.8 GHz; several runs): 24 outputs
// 1.8x with runs of 9 values, 1.1x to 1.3x with 48; 16 outputs 1.2x to 1.4x with runs of 3, 1.05x to 1.6x with 9, even
// with 21 and more, where each value is loaded for one product. Two panels beside one (Sapphire Rapids, fastest of many):
// 1.41x with runs of 3 values, 1.34x with 9, 1.13x to 1.17x with 48 to 192, also where they do not fit the first cache.
CK_AVX512 void f32_conv_8x32_avx512(size_t mr, size_t nr, size_t segments, size_t run, const float *a,
                                    const int32_t *at, size_t a_segment, const float *b, size_t b_panel, float *c,
                                    size_t ldc, const ck_f32_store *store) {
  if (nr <= 8) {
    f32_conv_12x24_avx2(mr, nr, segments, run, a, at, a_segment, b, b_panel, c, ldc, store);
    return;
  }
  const panels width = nr <= CK_PANEL ? one : nr <= CK_PANEL + CK_PANEL / 2 ? one_and_a_half : two;
  const convolution all = {segments, run,           a_segment, b, b_panel,
                           ck_mask16(nr), ck_mask16(width == one ? 0 : nr - CK_PANEL)};
  ck_f32_store part = *store;
  while (mr > 0) {
    const size_t rows = mr < 8 ? mr : 8;
    if (width == two)
      any_tile(rows, two, &all, a, at, c, ldc, &part);
    else if (width == one_and_a_half)
      any_tile(rows, one_and_a_half, &all, a, at, c, ldc, &part);
    else
      any_tile(rows, one, &all, a, at, c, ldc, &part);
    mr -= rows;
    at += rows;
    c += rows * ldc;
    if (part.residual) part.residual += rows * part.residual_stride;
  }
}
#endif
