#if defined(__x86_64__)
#include "../support/avx2_integers.h"
#include "../dispatch/matrix_declare.h"

/// One pair of k for `rows` rows, both operands widened to 16 bits: pmaddwd cannot saturate on them, unlike pmaddubsw on
/// bytes.
CK_AVX2 CK_INLINE void add_pair(const int rows, __m256i (*sum)[2], const int16_t *x, const int8_t *b) {
  const __m256i b0 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)b));
  const __m256i b1 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(b + 16)));
  CK_UNROLL for (int i = 0; i < rows; i++) {
    const __m256i v = ck_avx2_spread(x + 2 * i);
    sum[i][0] = _mm256_add_epi32(sum[i][0], _mm256_madd_epi16(v, b0));
    sum[i][1] = _mm256_add_epi32(sum[i][1], _mm256_madd_epi16(v, b1));
  }
}

CK_AVX2 CK_INLINE void pairs(const int rows, const int chains, const ck_avx2_integers *f, size_t groups,
                             const int16_t *x, const int8_t *b, void *c, size_t ldc, const ck_integer_store *store) {
  __m256i sum[4][6][2];
  CK_UNROLL for (int j = 0; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < 2; h++) sum[j][i][h] = j == 0 ? f->start[h] : _mm256_setzero_si256();
  size_t g = 0;
  CK_UNROLL_4 for (; g + (size_t)chains <= groups; g += (size_t)chains)
    CK_UNROLL for (int j = 0; j < chains; j++) {
      add_pair(rows, sum[j], x, b);
      b += 2 * CK_PANEL, x += 2 * rows;
      CK_IN_ORDER;
    }
  if (chains > 1)
    CK_ROLLED for (; g < groups; g++) {
      add_pair(rows, sum[0], x, b);
      b += 2 * CK_PANEL, x += 2 * rows;
      CK_IN_ORDER;
    }
  CK_UNROLL for (int j = 1; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < 2; h++) sum[0][i][h] = _mm256_add_epi32(sum[0][i][h], sum[j][i][h]);
  ck_avx2_finish_integers(rows, f, sum[0], c, ldc, store);
}

// For |w0| + |w1| <= 128 in each pair: 255 * 128 < 2^15, so that pmaddubsw is exact.
CK_AVX2 CK_INLINE void quads(const int rows, const ck_avx2_integers *f, size_t groups, const uint8_t *x,
                             const int8_t *b, void *c, size_t ldc, const ck_integer_store *store) {
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

/// How products are summed: by pairs of 16-bit numbers, by quads of bytes, or by runs of 2, 4 or 8 quads.
typedef enum { by_pairs = -1, by_quads = 0, by_2 = 2, by_4 = 4, by_8 = 8 } summing;

CK_AVX2 CK_INLINE void tile(const summing how, const int rows, const ck_avx2_integers *f, size_t groups, const void *a,
                            const int8_t *b, void *c, size_t ldc, const ck_integer_store *store) {
  if (how == by_pairs)
    pairs(rows, rows == 1 ? 4 : rows == 2 ? 2 : 1, f, groups, a, b, c, ldc, store);
  else if (how == by_quads)
    quads(rows, f, groups, a, b, c, ldc, store);
  else
    runs(rows, (int)how, f, groups, a, b, c, ldc, store);
}

CK_AVX2 CK_INLINE void tiles(const summing how, size_t mr, size_t nr, size_t groups, const void *a, const int8_t *b,
                             void *c, size_t ldc, const ck_integer_store *store) {
  const ck_avx2_integers finish = ck_avx2_integers_begin(nr, store), *f = &finish;
  CK_IN_MEMORY(f);
  ck_integer_store part = *store;
  while (mr > 0) {
    const size_t rows = mr < 6 ? mr : 6;
#define CK_TILE(rows) tile(how, rows, f, groups, a, b, c, ldc, &part)
    switch (rows) { CK_COUNTS_TO_6(CK_TILE) }
#undef CK_TILE
    ck_next_integer_tile(rows, groups, ldc, &mr, &a, &c, &part);
  }
}

#define CK_GEMM(kernel, how)                                                                                        \
  CK_AVX2 void kernel(size_t mr, size_t nr, size_t groups, const void *a, const int8_t *b, size_t b_panel, void *c, \
                      size_t ldc, const ck_integer_store *store) {                                                  \
    (void)b_panel, tiles(how, mr, nr, groups, a, b, c, ldc, store);                                                 \
  }
CK_GEMM(u8s8_gemm_6x16_avx2, by_pairs)
CK_GEMM(u8s7_gemm_6x16_avx2, by_quads)
// 255 times 64, 32 or 16, times the run: 32640.
CK_GEMM(u8s6_gemm_6x16_avx2, by_2)
CK_GEMM(u8s5_gemm_6x16_avx2, by_4)
CK_GEMM(u8s4_gemm_6x16_avx2, by_8)
#endif
