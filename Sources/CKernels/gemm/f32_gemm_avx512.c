#if defined(__x86_64__)
#include "../support/avx512.h"
#include "../dispatch/matrix_declare.h"

/// One step of k for `rows` rows; every third row has a pointer of its own.
CK_AVX512 CK_INLINE void add_step(const int rows, const int panels, __m512 (*sum)[2], const float *a, const float *a3,
                                  const float *a6, const float *a9, size_t a_row, const float *b, size_t b_panel) {
  __m512 w[2];
  CK_UNROLL for (int h = 0; h < panels; h++) w[h] = _mm512_loadu_ps(b + (size_t)h * b_panel);
  CK_UNROLL for (int i = 0; i < rows; i++) {
    const float *group = i < 3 ? a : i < 6 ? a3 : i < 9 ? a6 : a9;
    const __m512 x = _mm512_set1_ps(group[(size_t)(i % 3) * a_row]);
    CK_UNROLL for (int h = 0; h < panels; h++) sum[i][h] = _mm512_fmadd_ps(x, w[h], sum[i][h]);
  }
}

// `chains` sums per output run side by side where few rows leave the FMA units waiting for each other.
CK_AVX512 CK_INLINE void tile(const int rows, const int chains, const int panels, size_t nr, size_t k,
                              const float *a, size_t a_row, size_t a_step, const float *b, size_t b_panel, float *c,
                              size_t ldc, const ck_f32_store *store) {
  __m512 sum[4][12][2];
  CK_UNROLL for (int j = 0; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < panels; h++) sum[j][i][h] = _mm512_setzero_ps();
  CK_UNROLL for (int i = 0; i < rows; i++)
    CK_UNROLL for (int h = 0; h < panels; h++) __builtin_prefetch(c + (size_t)i * ldc + h * CK_PANEL, 1);
  const float *a3 = a + 3 * a_row, *a6 = a + 6 * a_row, *a9 = a + 9 * a_row;
  size_t p = 0;
  for (; p + (size_t)chains <= k; p += (size_t)chains)
    CK_UNROLL for (int j = 0; j < chains; j++) {
      add_step(rows, panels, sum[j], a, a3, a6, a9, a_row, b, b_panel);
      a += a_step, a3 += a_step, a6 += a_step, a9 += a_step, b += CK_PANEL;
    }
  for (; p < k; p++) {
    add_step(rows, panels, sum[0], a, a3, a6, a9, a_row, b, b_panel);
    a += a_step, a3 += a_step, a6 += a_step, a9 += a_step, b += CK_PANEL;
  }
  CK_UNROLL for (int h = 0; h < panels; h++) {
    const __mmask16 mask = ck_mask16(nr - (size_t)h * CK_PANEL);
    CK_UNROLL for (int i = 0; i < rows; i++) {
      CK_UNROLL for (int j = 1; j < chains; j++) sum[0][i][h] = _mm512_add_ps(sum[0][i][h], sum[j][i][h]);
      ck_avx512_finish_row(mask, (size_t)i, (size_t)h * CK_PANEL, sum[0][i][h], c, ldc, store);
    }
  }
}

/// All tiles of one or two panels.
CK_AVX512 CK_INLINE void tiles(const int panels, size_t mr, size_t nr, size_t k, const float *a, size_t a_row,
                               size_t a_step, const float *b, size_t b_panel, float *c, size_t ldc,
                               const ck_f32_store *store) {
  ck_f32_store part = *store;
  while (mr > 0) {
    const size_t rows = mr < 12 ? mr : 12;
#define CK_TILE(rows)                                                                                          \
  tile(rows, ck_avx512_chains(rows), panels, nr, k, a, a_step ? a_row : 1, a_step ? a_step : rows, b, b_panel, \
       c, ldc, &part)
    switch (rows) { CK_COUNTS_TO_12(CK_TILE) }
#undef CK_TILE
    ck_next_tile(rows, a_step ? a_row : k, ldc, &mr, &a, &c, &part);
  }
}

CK_AVX512 void f32_gemm_12x32_avx512(size_t mr, size_t nr, size_t k, const float *a, size_t a_row, size_t a_step,
                                     const float *b, size_t b_panel, float *c, size_t ldc,
                                     const ck_f32_store *store) {
  if (nr > CK_PANEL)
    tiles(2, mr, nr, k, a, a_row, a_step, b, b_panel, c, ldc, store);
  else
    tiles(1, mr, nr, k, a, a_row, a_step, b, b_panel, c, ldc, store);
}
#endif
