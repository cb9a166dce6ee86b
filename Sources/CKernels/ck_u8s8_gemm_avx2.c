#if defined(__x86_64__)
#include "ck_avx2.h"
#include "ck_matrix_declare.h"

/// Finishes and writes a tile of integer sums.
CK_AVX2 CK_INLINE void finish(const int rows, size_t nr, __m256i sum[6][2], void *c, size_t ldc,
                              const ck_integer_store *s) {
  const __m256 x_scale = _mm256_set1_ps(s->x_scale), lo = _mm256_set1_ps(s->lo), hi = _mm256_set1_ps(s->hi);
  const __m256i x_zero = _mm256_set1_epi32(s->x_zero);
  CK_UNROLL for (int h = 0; h < 2; h++) {
    size_t first = 8 * (size_t)h;
    if (nr <= first) break;
    const int full = nr >= first + 8;
    const __m256i mask = ck_mask8(nr - first);
    const __m256i offset =
        _mm256_mullo_epi32(x_zero, _mm256_loadu_si256((const __m256i *)(s->column_sums + first)));
    const __m256i zero = s->zero_points ? _mm256_loadu_si256((const __m256i *)(s->zero_points + first))
                                        : _mm256_setzero_si256();
    const __m256 scale = _mm256_mul_ps(_mm256_loadu_ps(s->scale + first), x_scale);
    const __m256 bias = s->bias ? _mm256_maskload_ps(s->bias + first, mask) : _mm256_setzero_ps();
    CK_UNROLL for (int i = 0; i < rows; i++) {
      __m256i t = _mm256_sub_epi32(sum[i][h], offset);
      if (s->zero_points) {
        uint32_t centred = (uint32_t)s->row_sums[i] - (uint32_t)s->k * (uint32_t)s->x_zero;
        t = _mm256_sub_epi32(t, _mm256_mullo_epi32(zero, _mm256_set1_epi32((int)centred)));
      }
      __m256 v = _mm256_fmadd_ps(_mm256_cvtepi32_ps(t), scale, bias);
      if (s->residual) {
        const float *r = s->residual + (size_t)i * s->residual_stride + first;
        v = _mm256_add_ps(v, full ? _mm256_loadu_ps(r) : _mm256_maskload_ps(r, mask));
      }
      v = _mm256_min_ps(hi, _mm256_max_ps(lo, v));
      if (!s->quantize) {
        float *y = (float *)c + (size_t)i * ldc + first;
        if (full)
          _mm256_storeu_ps(y, v);
        else
          _mm256_maskstore_ps(y, mask, v);
        continue;
      }
      const __m128i bytes = ck_avx2_quantize(v, s->out_scale, s->out_zero);
      uint8_t *y = (uint8_t *)c + (size_t)i * ldc + first;
      if (full) {
        _mm_storel_epi64((__m128i *)y, bytes);
      } else {
        uint8_t eight[8];
        _mm_storel_epi64((__m128i *)eight, bytes);
        for (size_t n = 0; n + first < nr; n++) y[n] = eight[n];
      }
    }
  }
}

CK_AVX2 CK_INLINE __m256i spread(const void *x) {
  int32_t word;
  __builtin_memcpy(&word, x, 4);
  return _mm256_set1_epi32(word);
}

// Both operands widened to 16 bits: pmaddwd cannot saturate on them, unlike pmaddubsw on bytes.
CK_AVX2 CK_INLINE void pairs(const int rows, const int chains, size_t nr, size_t groups, const int16_t *x,
                             const int8_t *b, void *c, size_t ldc, const ck_integer_store *store) {
  __m256i sum[4][6][2];
  CK_UNROLL for (int j = 0; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++) sum[j][i][0] = sum[j][i][1] = _mm256_setzero_si256();
  size_t g = 0;
#define CK_STEP(j)                                                                                        \
  {                                                                                                       \
    __m256i b0 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)b));                               \
    __m256i b1 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(b + 16)));                        \
    CK_UNROLL for (int i = 0; i < rows; i++) {                                                            \
      __m256i v = spread(x + 2 * i);                                                                      \
      sum[j][i][0] = _mm256_add_epi32(sum[j][i][0], _mm256_madd_epi16(v, b0));                            \
      sum[j][i][1] = _mm256_add_epi32(sum[j][i][1], _mm256_madd_epi16(v, b1));                            \
    }                                                                                                     \
    b += 2 * CK_PANEL;                                                                                    \
    x += 2 * rows;                                                                                        \
  }
  for (; g + (size_t)chains <= groups; g += (size_t)chains) CK_UNROLL for (int j = 0; j < chains; j++) CK_STEP(j)
  for (; g < groups; g++) CK_STEP(0)
#undef CK_STEP
  CK_UNROLL for (int j = 1; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < 2; h++) sum[0][i][h] = _mm256_add_epi32(sum[0][i][h], sum[j][i][h]);
  finish(rows, nr, sum[0], c, ldc, store);
}

// For |w0| + |w1| <= 128 in each pair: 255 * 128 < 2^15, so that pmaddubsw is exact.
CK_AVX2 CK_INLINE void quads(const int rows, size_t nr, size_t groups, const uint8_t *x, const int8_t *b, void *c,
                             size_t ldc, const ck_integer_store *store) {
  __m256i sum[6][2];
  const __m256i ones = _mm256_set1_epi16(1);
  CK_UNROLL for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = _mm256_setzero_si256();
  for (size_t g = 0; g < groups; g++) {
    __m256i b0 = _mm256_loadu_si256((const __m256i *)b), b1 = _mm256_loadu_si256((const __m256i *)(b + 32));
    CK_UNROLL for (int i = 0; i < rows; i++) {
      __m256i v = spread(x + 4 * i);
      sum[i][0] = _mm256_add_epi32(sum[i][0], _mm256_madd_epi16(_mm256_maddubs_epi16(v, b0), ones));
      sum[i][1] = _mm256_add_epi32(sum[i][1], _mm256_madd_epi16(_mm256_maddubs_epi16(v, b1), ones));
    }
    b += 4 * CK_PANEL;
    x += 4 * rows;
  }
  finish(rows, nr, sum, c, ldc, store);
}

// Weights so small that sums of `run` products fit 16 bits: widened to 32 once a run, not once a product.
CK_AVX2 CK_INLINE void runs(const int rows, const int run, size_t nr, size_t groups, const uint8_t *x,
                            const int8_t *b, void *c, size_t ldc, const ck_integer_store *store) {
  __m256i sum[6][2], part[6][2];
  const __m256i ones = _mm256_set1_epi16(1);
  CK_UNROLL for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = _mm256_setzero_si256();
  while (groups > 0) {
    CK_UNROLL for (int i = 0; i < rows; i++) part[i][0] = part[i][1] = _mm256_setzero_si256();
    size_t count = groups < (size_t)run ? groups : (size_t)run;
    groups -= count;
    do {
      const __m256i b0 = _mm256_loadu_si256((const __m256i *)b), b1 = _mm256_loadu_si256((const __m256i *)(b + 32));
      CK_UNROLL for (int i = 0; i < rows; i++) {
        const __m256i v = spread(x + 4 * i);
        part[i][0] = _mm256_add_epi16(part[i][0], _mm256_maddubs_epi16(v, b0));
        part[i][1] = _mm256_add_epi16(part[i][1], _mm256_maddubs_epi16(v, b1));
      }
      b += 4 * CK_PANEL;
      x += 4 * rows;
    } while (--count > 0);
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < 2; h++)
        sum[i][h] = _mm256_add_epi32(sum[i][h], _mm256_madd_epi16(part[i][h], ones));
  }
  finish(rows, nr, sum, c, ldc, store);
}

CK_AVX2 void u8s8_gemm_6x16_avx2(size_t mr, size_t nr, size_t groups, const void *a, const int8_t *b,
                                 size_t b_panel, void *c, size_t ldc, const ck_integer_store *store) {
  (void)b_panel;
  switch (mr) {
    case 1: pairs(1, 4, nr, groups, a, b, c, ldc, store); break;
    case 2: pairs(2, 2, nr, groups, a, b, c, ldc, store); break;
    case 3: pairs(3, 1, nr, groups, a, b, c, ldc, store); break;
    case 4: pairs(4, 1, nr, groups, a, b, c, ldc, store); break;
    case 5: pairs(5, 1, nr, groups, a, b, c, ldc, store); break;
    case 6: pairs(6, 1, nr, groups, a, b, c, ldc, store); break;
    default: break;
  }
}

CK_AVX2 void u8s7_gemm_6x16_avx2(size_t mr, size_t nr, size_t groups, const void *a, const int8_t *b,
                                 size_t b_panel, void *c, size_t ldc, const ck_integer_store *store) {
  (void)b_panel;
  switch (mr) {
    case 1: quads(1, nr, groups, a, b, c, ldc, store); break;
    case 2: quads(2, nr, groups, a, b, c, ldc, store); break;
    case 3: quads(3, nr, groups, a, b, c, ldc, store); break;
    case 4: quads(4, nr, groups, a, b, c, ldc, store); break;
    case 5: quads(5, nr, groups, a, b, c, ldc, store); break;
    case 6: quads(6, nr, groups, a, b, c, ldc, store); break;
    default: break;
  }
}
#define CK_DEFINE_RUNS(kernel, run)                                                                           \
  CK_AVX2 void kernel(size_t mr, size_t nr, size_t groups, const void *a, const int8_t *b, size_t b_panel,    \
                      void *c, size_t ldc, const ck_integer_store *store) {                                   \
    (void)b_panel;                                                                                            \
    switch (mr) {                                                                                             \
      case 1: runs(1, run, nr, groups, a, b, c, ldc, store); break;                                           \
      case 2: runs(2, run, nr, groups, a, b, c, ldc, store); break;                                           \
      case 3: runs(3, run, nr, groups, a, b, c, ldc, store); break;                                           \
      case 4: runs(4, run, nr, groups, a, b, c, ldc, store); break;                                           \
      case 5: runs(5, run, nr, groups, a, b, c, ldc, store); break;                                           \
      case 6: runs(6, run, nr, groups, a, b, c, ldc, store); break;                                           \
      default: break;                                                                                         \
    }                                                                                                         \
  }

// 255 times 64, 32 or 16, times the run: 32640.
CK_DEFINE_RUNS(u8s6_gemm_6x16_avx2, 2)
CK_DEFINE_RUNS(u8s5_gemm_6x16_avx2, 4)
CK_DEFINE_RUNS(u8s4_gemm_6x16_avx2, 8)
#endif
