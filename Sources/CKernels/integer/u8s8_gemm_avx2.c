#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

// Both operands widened to 16 bits: pmaddwd cannot saturate on them, unlike pmaddubsw on bytes.
CK_AVX2 CK_INLINE void pairs(const int rows, const int chains, const ck_avx2_integers *f, size_t groups, const int16_t *x,
                             const int8_t *b, void *c, size_t ldc, const ck_integer_store *store) {
  __m256i sum[4][6][2];
  CK_UNROLL for (int j = 0; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < 2; h++) sum[j][i][h] = j == 0 ? f->start[h] : _mm256_setzero_si256();
  size_t g = 0;
#define CK_STEP(j)                                                                                        \
  {                                                                                                       \
    __m256i b0 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)b));                               \
    __m256i b1 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(b + 16)));                        \
    CK_UNROLL for (int i = 0; i < rows; i++) {                                                            \
      __m256i v = ck_avx2_spread(x + 2 * i);                                                                      \
      sum[j][i][0] = _mm256_add_epi32(sum[j][i][0], _mm256_madd_epi16(v, b0));                            \
      sum[j][i][1] = _mm256_add_epi32(sum[j][i][1], _mm256_madd_epi16(v, b1));                            \
    }                                                                                                     \
    b += 2 * CK_PANEL;                                                                                    \
    x += 2 * rows;                                                                                        \
    CK_IN_ORDER;                                                                                          \
  }
  CK_UNROLL_4 for (; g + (size_t)chains <= groups; g += (size_t)chains) CK_UNROLL for (int j = 0; j < chains; j++) CK_STEP(j)
  if (chains > 1) CK_ROLLED for (; g < groups; g++) CK_STEP(0)
#undef CK_STEP
  CK_UNROLL for (int j = 1; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < 2; h++) sum[0][i][h] = _mm256_add_epi32(sum[0][i][h], sum[j][i][h]);
  ck_avx2_finish_integers(rows, f, sum[0], c, ldc, store);
}

// For |w0| + |w1| <= 128 in each pair: 255 * 128 < 2^15, so that pmaddubsw is exact.
CK_AVX2 CK_INLINE void quads(const int rows, const ck_avx2_integers *f, size_t groups, const uint8_t *x, const int8_t *b, void *c,
                             size_t ldc, const ck_integer_store *store) {
  __m256i sum[6][2];
  const __m256i ones = _mm256_set1_epi16(1);
  CK_UNROLL for (int i = 0; i < rows; i++)
    CK_UNROLL for (int h = 0; h < 2; h++) sum[i][h] = f->start[h];
  CK_UNROLL_4 for (size_t g = 0; g < groups; g++) {
    __m256i b0 = _mm256_loadu_si256((const __m256i *)b), b1 = _mm256_loadu_si256((const __m256i *)(b + 32));
    CK_UNROLL for (int i = 0; i < rows; i++) {
      __m256i v = ck_avx2_spread(x + 4 * i);
      sum[i][0] = _mm256_add_epi32(sum[i][0], _mm256_madd_epi16(_mm256_maddubs_epi16(v, b0), ones));
      sum[i][1] = _mm256_add_epi32(sum[i][1], _mm256_madd_epi16(_mm256_maddubs_epi16(v, b1), ones));
    }
    b += 4 * CK_PANEL;
    x += 4 * rows;
    CK_IN_ORDER;
  }
  ck_avx2_finish_integers(rows, f, sum, c, ldc, store);
}

// Weights so small that sums of `run` products fit 16 bits: widened to 32 once a run, not once a product.
CK_AVX2 CK_INLINE void runs(const int rows, const int run, const ck_avx2_integers *f, size_t groups, const uint8_t *x,
                            const int8_t *b, void *c, size_t ldc, const ck_integer_store *store) {
  __m256i sum[6][2], part[6][2];
  const __m256i ones = _mm256_set1_epi16(1);
  CK_UNROLL for (int i = 0; i < rows; i++)
    CK_UNROLL for (int h = 0; h < 2; h++) sum[i][h] = f->start[h];
  while (groups > 0) {
    CK_UNROLL for (int i = 0; i < rows; i++) part[i][0] = part[i][1] = _mm256_setzero_si256();
    size_t count = groups < (size_t)run ? groups : (size_t)run;
    groups -= count;
    do {
      const __m256i b0 = _mm256_loadu_si256((const __m256i *)b), b1 = _mm256_loadu_si256((const __m256i *)(b + 32));
      CK_UNROLL for (int i = 0; i < rows; i++) {
        const __m256i v = ck_avx2_spread(x + 4 * i);
        part[i][0] = _mm256_add_epi16(part[i][0], _mm256_maddubs_epi16(v, b0));
        part[i][1] = _mm256_add_epi16(part[i][1], _mm256_maddubs_epi16(v, b1));
      }
      b += 4 * CK_PANEL;
      x += 4 * rows;
      CK_IN_ORDER;
    } while (--count > 0);
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < 2; h++)
        sum[i][h] = _mm256_add_epi32(sum[i][h], _mm256_madd_epi16(part[i][h], ones));
  }
  ck_avx2_finish_integers(rows, f, sum, c, ldc, store);
}

#define CK_DEFINE_GEMM(kernel, TILE)                                                                          \
  CK_AVX2 void kernel(size_t mr, size_t nr, size_t groups, const void *a, const int8_t *b, size_t b_panel,    \
                      void *c, size_t ldc, const ck_integer_store *store) {                                   \
    (void)b_panel;                                                                                            \
    const ck_avx2_integers finish = ck_avx2_integers_begin(nr, store), *f = &finish;                          \
    CK_IN_MEMORY(f);                                                                                          \
    ck_integer_store part = *store;                                                                           \
    CK_EACH_INTEGER_TILE(6, TILE, CK_COUNTS_TO_6)                                                             \
  }

#define CK_PAIRS(rows) pairs(rows, (rows) == 1 ? 4 : (rows) == 2 ? 2 : 1, f, groups, a, b, c, ldc, &part)
#define CK_QUADS(rows) quads(rows, f, groups, a, b, c, ldc, &part)
#define CK_RUNS_2(rows) runs(rows, 2, f, groups, a, b, c, ldc, &part)
#define CK_RUNS_4(rows) runs(rows, 4, f, groups, a, b, c, ldc, &part)
#define CK_RUNS_8(rows) runs(rows, 8, f, groups, a, b, c, ldc, &part)

CK_DEFINE_GEMM(u8s8_gemm_6x16_avx2, CK_PAIRS)
CK_DEFINE_GEMM(u8s7_gemm_6x16_avx2, CK_QUADS)
// 255 times 64, 32 or 16, times the run: 32640.
CK_DEFINE_GEMM(u8s6_gemm_6x16_avx2, CK_RUNS_2)
CK_DEFINE_GEMM(u8s5_gemm_6x16_avx2, CK_RUNS_4)
CK_DEFINE_GEMM(u8s4_gemm_6x16_avx2, CK_RUNS_8)
#endif
