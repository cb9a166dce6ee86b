#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

/// One step of k for `rows` rows; x of rows 3 to 5 is read through `a3`, so that two pointers reach all six.
CK_AVX2 CK_INLINE void add_step(const int rows, const int halves, __m256 (*sum)[3], const float *a, const float *a3,
                                size_t a_row, const float *b) {
  __m256 w[2];
  CK_UNROLL for (int h = 0; h < halves; h++) w[h] = _mm256_loadu_ps(b + 8 * h);
  CK_UNROLL for (int i = 0; i < rows; i++) {
    const __m256 x = _mm256_broadcast_ss(i < 3 ? a + (size_t)i * a_row : a3 + (size_t)(i - 3) * a_row);
    CK_UNROLL for (int h = 0; h < halves; h++) sum[i][h] = _mm256_fmadd_ps(x, w[h], sum[i][h]);
  }
}

/// A tile of `rows` rows by `halves` half-panels, one of which serves at most 8 outputs; `chains` sums per output run side
/// by side where few rows leave the FMA units waiting for each other.
CK_AVX2 CK_INLINE void tile(const int rows, const int chains, const int halves, const ck_avx2_finish *f, size_t k,
                            const float *a, size_t a_row, size_t a_step, const float *b, float *c, size_t ldc,
                            const ck_f32_store *store) {
  __m256 sum[4][6][3];
  CK_UNROLL for (int j = 0; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++) sum[j][i][0] = sum[j][i][1] = _mm256_setzero_ps();
  const float *a3 = a + 3 * a_row;
  // Rows of y lie far apart: fetched while the sums are made.
  CK_UNROLL for (int i = 0; i < rows; i++) __builtin_prefetch(c + (size_t)i * ldc, 1);
  size_t p = 0;
  CK_UNROLL_4 for (; p + (size_t)chains <= k; p += (size_t)chains)
    CK_UNROLL for (int j = 0; j < chains; j++) {
      add_step(rows, halves, sum[j], a, a3, a_row, b);
      b += CK_PANEL, a += a_step, a3 += a_step;
      CK_IN_ORDER;
    }
  if (chains > 1)
    CK_ROLLED for (; p < k; p++) {
      add_step(rows, halves, sum[0], a, a3, a_row, b);
      b += CK_PANEL, a += a_step, a3 += a_step;
      CK_IN_ORDER;
    }
  CK_UNROLL for (int j = 1; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < halves; h++) sum[0][i][h] = _mm256_add_ps(sum[0][i][h], sum[j][i][h]);
  ck_avx2_finish_tile(rows, halves, f, sum[0], c, ldc, store);
}

/// Six sums of half a panel would still wait for each other: two chains for any number of rows above one.
CK_INLINE int chains_of(const int rows, const int halves) { return rows == 1 ? 4 : rows == 2 || halves == 1 ? 2 : 1; }

/// All tiles. Where x is `packed` its steps are known beforehand and cost no arithmetic.
CK_AVX2 CK_INLINE void tiles(const int packed, const int halves, size_t mr, const ck_avx2_finish *f, size_t k,
                             const float *a, size_t a_row, size_t a_step, const float *b, float *c, size_t ldc,
                             const ck_f32_store *store) {
  ck_f32_store part = *store;
  while (mr > 0) {
    const size_t rows = mr < 6 ? mr : 6;
#define CK_TILE(rows) \
  tile(rows, chains_of(rows, halves), halves, f, k, a, packed ? 1 : a_row, packed ? rows : a_step, b, c, ldc, &part)
    switch (rows) { CK_COUNTS_TO_6(CK_TILE) }
#undef CK_TILE
    ck_next_tile(rows, packed ? k : a_row, ldc, &mr, &a, &c, &part);
  }
}

CK_AVX2 void f32_gemm_6x16_avx2(size_t mr, size_t nr, size_t k, const float *a, size_t a_row, size_t a_step,
                                const float *b, size_t b_panel, float *c, size_t ldc,
                                const ck_f32_store *store) {
  (void)b_panel;
  const ck_avx2_finish finish = ck_avx2_finish_begin(nr, store), *f = &finish;
  CK_IN_MEMORY(f);
  if (a_step == 0 && nr > 8) {
    tiles(1, 2, mr, f, k, a, a_row, a_step, b, c, ldc, store);
  } else if (a_step == 0) {
    tiles(1, 1, mr, f, k, a, a_row, a_step, b, c, ldc, store);
  } else if (nr > 8) {
    tiles(0, 2, mr, f, k, a, a_row, a_step, b, c, ldc, store);
  } else {
    tiles(0, 1, mr, f, k, a, a_row, a_step, b, c, ldc, store);
  }
}
#endif
