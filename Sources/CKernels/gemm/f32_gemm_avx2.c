#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

// `chains` sums per output run side by side where few rows leave the FMA units waiting for each other; one half of the
// panel serves at most 8 outputs.
CK_AVX2 CK_INLINE void tile(const int rows, const int chains, const int halves, const ck_avx2_finish *f, size_t k,
                            const float *a, size_t a_row, size_t a_step, const float *b, float *c, size_t ldc,
                            const ck_f32_store *store) {
  __m256 sum[4][6][3];
  CK_UNROLL for (int j = 0; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++) sum[j][i][0] = sum[j][i][1] = _mm256_setzero_ps();
  const float *a3 = a + 3 * a_row;
  // Rows of y lie far apart: fetched while the sums are made.
  CK_UNROLL for (int i = 0; i < rows; i++) __builtin_prefetch(c + (size_t)i * ldc, 1);
#define CK_STEP(j)                                                                                           \
  {                                                                                                          \
    __m256 w[2];                                                                                             \
    CK_UNROLL for (int h = 0; h < halves; h++) w[h] = _mm256_loadu_ps(b + 8 * h);                            \
    b += CK_PANEL;                                                                                           \
    CK_UNROLL for (int i = 0; i < rows; i++) {                                                               \
      const __m256 x = _mm256_broadcast_ss(i < 3 ? a + (size_t)i * a_row : a3 + (size_t)(i - 3) * a_row);    \
      CK_UNROLL for (int h = 0; h < halves; h++) sum[j][i][h] = _mm256_fmadd_ps(x, w[h], sum[j][i][h]);      \
    }                                                                                                        \
    a += a_step;                                                                                             \
    a3 += a_step;                                                                                            \
    CK_IN_ORDER;                                                                                             \
  }
  size_t p = 0;
  CK_UNROLL_4 for (; p + (size_t)chains <= k; p += (size_t)chains) CK_UNROLL for (int j = 0; j < chains; j++) CK_STEP(j)
  if (chains > 1) CK_ROLLED for (; p < k; p++) CK_STEP(0)
#undef CK_STEP
  CK_UNROLL for (int j = 1; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < halves; h++) sum[0][i][h] = _mm256_add_ps(sum[0][i][h], sum[j][i][h]);
  ck_avx2_finish_tile(rows, halves, f, sum[0], c, ldc, store);
}

CK_AVX2 void f32_gemm_6x16_avx2(size_t mr, size_t nr, size_t k, const float *a, size_t a_row, size_t a_step,
                                const float *b, size_t b_panel, float *c, size_t ldc,
                                const ck_f32_store *store) {
  (void)b_panel;
  const ck_avx2_finish finish = ck_avx2_finish_begin(nr, store), *f = &finish;
  CK_IN_MEMORY(f);
  ck_f32_store part = *store;
#define CK_CHAINS(rows) ((rows) == 1 ? 4 : (rows) == 2 ? 2 : 1)
// Six sums alone would wait for each other: two chains for any number of rows above one.
#define CK_HALF_CHAINS(rows) ((rows) == 1 ? 4 : 2)
// Steps known beforehand cost no arithmetic.
#define CK_PACKED(rows) tile(rows, CK_CHAINS(rows), 2, f, k, a, 1, rows, b, c, ldc, &part)
#define CK_PLAIN(rows) tile(rows, CK_CHAINS(rows), 2, f, k, a, a_row, a_step, b, c, ldc, &part)
#define CK_PACKED_HALF(rows) tile(rows, CK_HALF_CHAINS(rows), 1, f, k, a, 1, rows, b, c, ldc, &part)
#define CK_PLAIN_HALF(rows) tile(rows, CK_HALF_CHAINS(rows), 1, f, k, a, a_row, a_step, b, c, ldc, &part)
  if (a_step == 0 && nr > 8) {
    CK_EACH_TILE(6, CK_PACKED, CK_COUNTS_TO_6)
  } else if (a_step == 0) {
    CK_EACH_TILE(6, CK_PACKED_HALF, CK_COUNTS_TO_6)
  } else if (nr > 8) {
    CK_EACH_TILE(6, CK_PLAIN, CK_COUNTS_TO_6)
  } else {
    CK_EACH_TILE(6, CK_PLAIN_HALF, CK_COUNTS_TO_6)
  }
#undef CK_CHAINS
#undef CK_HALF_CHAINS
#undef CK_PACKED
#undef CK_PLAIN
#undef CK_PACKED_HALF
#undef CK_PLAIN_HALF
}
#endif
