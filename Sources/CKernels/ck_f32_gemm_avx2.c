#if defined(__x86_64__)
#include "ck_avx2.h"
#include "ck_matrix_declare.h"

// `chains` sums per output run side by side where few rows leave the FMA units waiting for each other.
CK_AVX2 CK_INLINE void tile(const int rows, const int chains, size_t nr, size_t k, const float *a, size_t a_row,
                            size_t a_step, const float *b, float *c, size_t ldc, const ck_f32_store *store) {
  __m256 sum[4][6][2];
  CK_UNROLL for (int h = 0; h < chains; h++)
    CK_UNROLL for (int i = 0; i < rows; i++) sum[h][i][0] = sum[h][i][1] = _mm256_setzero_ps();
  const float *a3 = a + 3 * a_row;
  // Rows of y lie far apart: fetched while the sums are made.
  CK_UNROLL for (int i = 0; i < rows; i++) __builtin_prefetch(c + (size_t)i * ldc, 1);
  size_t p = 0;
  for (; p + (size_t)chains <= k; p += (size_t)chains) {
    CK_UNROLL for (int h = 0; h < chains; h++) {
      __m256 b0 = _mm256_loadu_ps(b), b1 = _mm256_loadu_ps(b + 8);
      b += CK_PANEL;
      CK_UNROLL for (int i = 0; i < rows; i++) {
        __m256 x = _mm256_broadcast_ss(i < 3 ? a + (size_t)i * a_row : a3 + (size_t)(i - 3) * a_row);
        sum[h][i][0] = _mm256_fmadd_ps(x, b0, sum[h][i][0]);
        sum[h][i][1] = _mm256_fmadd_ps(x, b1, sum[h][i][1]);
      }
      a += a_step;
      a3 += a_step;
    }
  }
  for (; p < k; p++) {
    __m256 b0 = _mm256_loadu_ps(b), b1 = _mm256_loadu_ps(b + 8);
    b += CK_PANEL;
    CK_UNROLL for (int i = 0; i < rows; i++) {
      __m256 x = _mm256_broadcast_ss(i < 3 ? a + (size_t)i * a_row : a3 + (size_t)(i - 3) * a_row);
      sum[0][i][0] = _mm256_fmadd_ps(x, b0, sum[0][i][0]);
      sum[0][i][1] = _mm256_fmadd_ps(x, b1, sum[0][i][1]);
    }
    a += a_step;
    a3 += a_step;
  }
  CK_UNROLL for (int h = 1; h < chains; h++)
    CK_UNROLL for (int i = 0; i < rows; i++) {
      sum[0][i][0] = _mm256_add_ps(sum[0][i][0], sum[h][i][0]);
      sum[0][i][1] = _mm256_add_ps(sum[0][i][1], sum[h][i][1]);
    }
  ck_avx2_finish f = ck_avx2_finish_begin(nr, store);
  if (nr >= CK_PANEL) {
    CK_UNROLL for (int i = 0; i < rows; i++)
      ck_avx2_finish_row(&f, 1, (size_t)i, sum[0][i][0], sum[0][i][1], c, ldc, store);
  } else {
    CK_UNROLL for (int i = 0; i < rows; i++)
      ck_avx2_finish_row(&f, 0, (size_t)i, sum[0][i][0], sum[0][i][1], c, ldc, store);
  }
}

CK_AVX2 void f32_gemm_6x16_avx2(size_t mr, size_t nr, size_t k, const float *a, size_t a_row, size_t a_step,
                                const float *b, size_t b_panel, float *c, size_t ldc,
                                const ck_f32_store *store) {
  (void)b_panel;
  switch (mr) {
    case 1: tile(1, 4, nr, k, a, a_row, a_step, b, c, ldc, store); break;
    case 2: tile(2, 2, nr, k, a, a_row, a_step, b, c, ldc, store); break;
    case 3: tile(3, 1, nr, k, a, a_row, a_step, b, c, ldc, store); break;
    case 4: tile(4, 1, nr, k, a, a_row, a_step, b, c, ldc, store); break;
    case 5: tile(5, 1, nr, k, a, a_row, a_step, b, c, ldc, store); break;
    case 6: tile(6, 1, nr, k, a, a_row, a_step, b, c, ldc, store); break;
    default: break;
  }
}
#endif
