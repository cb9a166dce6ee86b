// AVX2 helpers: finishing of tiles, masks for the last outputs.
#ifndef CK_AVX2_H
#define CK_AVX2_H

#if defined(__x86_64__)
#include <immintrin.h>

#include "finish.h"

#define CK_AVX2 __attribute__((target("avx2,fma,f16c")))

/// Lanes below `count`, of 8.
CK_AVX2 CK_INLINE __m256i ck_mask8(size_t count) {
  __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lanes);
}

/// The two half-panels of a finishing step. `plain`: nothing is added but the bias.
typedef struct {
  size_t outputs;
  int plain;
  __m256i mask[2];
  __m256 scale[2], bias[2], lo, hi;
} ck_avx2_finish;

CK_AVX2 CK_INLINE ck_avx2_finish ck_avx2_finish_begin(size_t nr, const ck_f32_store *s) {
  ck_avx2_finish f;
  f.outputs = nr;
  f.plain = s->finish && !s->accumulate && !s->residual;
  f.lo = _mm256_set1_ps(s->lo);
  f.hi = _mm256_set1_ps(s->hi);
  CK_UNROLL for (int h = 0; h < 2; h++) {
    size_t first = 8 * (size_t)h;
    f.mask[h] = ck_mask8(nr > first ? nr - first : 0);
    f.scale[h] = s->scale ? _mm256_loadu_ps(s->scale + first) : _mm256_set1_ps(1);
    f.bias[h] = s->bias ? _mm256_maskload_ps(s->bias + first, f.mask[h]) : _mm256_setzero_ps();
  }
  return f;
}

/// Finishes and writes one row of a tile; `full` where all 16 outputs exist.
CK_AVX2 CK_INLINE void ck_avx2_finish_row(const ck_avx2_finish *f, int full, size_t row, __m256 v0, __m256 v1,
                                          float *c, size_t ldc, const ck_f32_store *s) {
  __m256 v[2] = {v0, v1};
  CK_UNROLL for (int h = 0; h < 2; h++) {
    // Masked stores are slow: only the half-panel that the last output cuts takes one.
    if (!full && f->outputs <= 8 * (size_t)h) break;
    const int whole = full || f->outputs >= 8 * (size_t)h + 8;
    float *y = c + row * ldc + 8 * h;
    if (s->accumulate) v[h] = _mm256_add_ps(v[h], whole ? _mm256_loadu_ps(y) : _mm256_maskload_ps(y, f->mask[h]));
    if (s->finish) {
      v[h] = _mm256_fmadd_ps(v[h], f->scale[h], f->bias[h]);
      if (s->residual) {
        const float *r = s->residual + row * s->residual_stride + 8 * h;
        v[h] = _mm256_add_ps(v[h], whole ? _mm256_loadu_ps(r) : _mm256_maskload_ps(r, f->mask[h]));
      }
      // The second operand comes back where one is NaN.
      v[h] = _mm256_min_ps(f->hi, _mm256_max_ps(f->lo, v[h]));
    }
    if (whole)
      _mm256_storeu_ps(y, v[h]);
    else
      _mm256_maskstore_ps(y, f->mask[h], v[h]);
  }
}

CK_AVX2 CK_APART void ck_avx2_finish_rows(int rows, int full, const ck_avx2_finish *f, const __m256 (*sum)[2],
                                          float *c, size_t ldc, const ck_f32_store *s) {
  for (int i = 0; i < rows; i++) ck_avx2_finish_row(f, full, (size_t)i, sum[i][0], sum[i][1], c, ldc, s);
}

/// Finishes and writes the first `halves` halves of all rows of a tile.
CK_AVX2 CK_INLINE void ck_avx2_finish_tile(const int rows, const int halves, const ck_avx2_finish *f,
                                           __m256 (*sum)[3], float *c, size_t ldc, const ck_f32_store *s) {
  const int full = f->outputs >= 8 * (size_t)halves;
  if (full && f->plain) {
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < halves; h++) {
        const __m256 v = _mm256_fmadd_ps(sum[i][h], f->scale[h], f->bias[h]);
        _mm256_storeu_ps(c + (size_t)i * ldc + 8 * h, _mm256_min_ps(f->hi, _mm256_max_ps(f->lo, v)));
      }
    return;
  }
  // A copy: sums whose address is given away would not stay in registers.
  __m256 copy[6][2];
  CK_UNROLL for (int i = 0; i < rows; i++)
    CK_UNROLL for (int h = 0; h < 2; h++) copy[i][h] = sum[i][h < halves ? h : 0];
  ck_avx2_finish_rows(rows, halves == 2 && full, f, copy, c, ldc, s);
}

#endif
#endif
