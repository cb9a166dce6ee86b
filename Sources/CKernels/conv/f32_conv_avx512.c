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

/// A tile of `rows` pixels by one panel of 16 outputs, or where `wide` by that and half of the next. Two sums per output
/// run side by side where there is one panel: as many for any number of rows, so that a sum does not depend on the tile
/// it is in.
CK_AVX512 CK_INLINE void tile(const int rows, const int wide, const convolution *all, const float *a,
                              const int32_t *at, float *c, size_t ldc, const ck_f32_store *store) {
  const size_t run = all->run, b_panel = all->b_panel;
  const int chains = wide ? 1 : 2;
  const float *b = all->b;
  __m512 sum[2][8];
  __m256 half[8];
  const float *x[8];
  CK_UNROLL for (int i = 0; i < rows; i++) {
    x[i] = a + at[i];
    // Results are fetched while the sums are made.
    __builtin_prefetch(c + (size_t)i * ldc, 1);
    CK_UNROLL for (int j = 0; j < chains; j++) sum[j][i] = _mm512_setzero_ps();
    if (wide) half[i] = _mm256_setzero_ps();
  }
  for (size_t s = 0; s < all->segments; s++) {
    size_t p = 0;
    CK_ROLLED for (; p + (size_t)chains <= run; p += (size_t)chains) {
      CK_UNROLL for (int j = 0; j < chains; j++, b += CK_PANEL) {
        const __m512 w = _mm512_loadu_ps(b);
        if (wide) {
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
    if (wide) ck_avx512_finish_row(all->second, (size_t)i, CK_PANEL, _mm512_zextps256_ps512(half[i]), c, ldc, store);
  }
}

/// A tile of up to 8 pixels.
CK_AVX512 CK_INLINE void any_tile(size_t rows, const int wide, const convolution *all, const float *a,
                                  const int32_t *at, float *c, size_t ldc, const ck_f32_store *store) {
#define CK_TILE(rows) tile(rows, wide, all, a, at, c, ldc, store)
  switch (rows) { CK_COUNTS_TO_8(CK_TILE) }
#undef CK_TILE
}

// Tiles of 8x16 and 8x24: more pixels want more pointers than there are registers. Half a panel would leave half of each
// register empty, and stays with AVX2. Beside it, 48 pixels on an Intel Xeon (Ice Lake, 2.8 GHz; several runs): 24 outputs
// 1.8x with runs of 9 values, 1.1x to 1.3x with 48; 16 outputs 1.2x to 1.4x with runs of 3, 1.05x to 1.6x with 9, even
// with 21 and more, where each value is loaded for one product.
CK_AVX512 void f32_conv_8x24_avx512(size_t mr, size_t nr, size_t segments, size_t run, const float *a,
                                    const int32_t *at, size_t a_segment, const float *b, size_t b_panel, float *c,
                                    size_t ldc, const ck_f32_store *store) {
  if (nr <= 8) {
    f32_conv_12x24_avx2(mr, nr, segments, run, a, at, a_segment, b, b_panel, c, ldc, store);
    return;
  }
  const int wide = nr > CK_PANEL;
  const convolution all = {segments, run,           a_segment, b, b_panel,
                           ck_mask16(nr), ck_mask16(wide ? nr - CK_PANEL : 0)};
  ck_f32_store part = *store;
  while (mr > 0) {
    const size_t rows = mr < 8 ? mr : 8;
    if (wide)
      any_tile(rows, 1, &all, a, at, c, ldc, &part);
    else
      any_tile(rows, 0, &all, a, at, c, ldc, &part);
    mr -= rows;
    at += rows;
    c += rows * ldc;
    if (part.residual) part.residual += rows * part.residual_stride;
  }
}
#endif
