// AVX2 helpers: finishing of tiles, masks for the last outputs.
#ifndef CK_AVX2_H
#define CK_AVX2_H

#if defined(__x86_64__)
#include <immintrin.h>

#include "ck_finish_portable.h"

#define CK_AVX2 __attribute__((target("avx2,fma,f16c")))

/// Lanes below `count`, of 8.
CK_AVX2 CK_INLINE __m256i ck_mask8(size_t count) {
  __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lanes);
}

/// The two half-panels of a finishing step.
typedef struct {
  size_t outputs;
  __m256i mask[2];
  __m256 scale[2], bias[2], lo, hi;
} ck_avx2_finish;

CK_AVX2 CK_INLINE ck_avx2_finish ck_avx2_finish_begin(size_t nr, const ck_f32_store *s) {
  ck_avx2_finish f;
  f.outputs = nr;
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

/// Eight bytes nearest to v / scale + zero, halves to even; a NaN becomes `zero`.
CK_AVX2 CK_INLINE __m128i ck_avx2_quantize(__m256 v, float scale, int32_t zero) {
  const __m256 offset = _mm256_set1_ps((float)zero);
  __m256 q = _mm256_div_ps(v, _mm256_set1_ps(scale));
  q = _mm256_add_ps(_mm256_round_ps(q, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC), offset);
  q = _mm256_blendv_ps(offset, q, _mm256_cmp_ps(q, q, _CMP_ORD_Q));
  q = _mm256_min_ps(_mm256_max_ps(q, _mm256_setzero_ps()), _mm256_set1_ps(255));
  __m256i words = _mm256_cvtps_epi32(q);
  __m128i shorts = _mm_packus_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  return _mm_packus_epi16(shorts, shorts);
}

/// Finishes and writes a tile of integer sums.
CK_AVX2 CK_INLINE void ck_avx2_finish_integers(const int rows, size_t nr, __m256i sum[6][2], void *c, size_t ldc,
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

/// The four bytes at x, eight times.
CK_AVX2 CK_INLINE __m256i ck_avx2_spread(const void *x) {
  int32_t word;
  __builtin_memcpy(&word, x, 4);
  return _mm256_set1_epi32(word);
}

// The tile of a direct convolution for `rows` pixels and `nr` outputs left: up to 4x24, or 6x16, or 6x8. HALF, WHOLE and
// WIDE call it with the rows as a constant.
#define CK_CONV_TILE(rows, nr, HALF, WHOLE, WIDE) \
  if (nr > CK_PANEL) {                            \
    switch (rows) { CK_COUNTS_TO_4(WIDE) }        \
  } else if (nr > 8) {                            \
    switch (rows) { CK_COUNTS_TO_6(WHOLE) }       \
  } else {                                        \
    switch (rows) { CK_COUNTS_TO_6(HALF) }        \
  }

#endif
#endif
