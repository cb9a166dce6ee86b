// AVX2 helpers for integer sums: finishing of tiles as floats or bytes.
#ifndef CK_AVX2_INTEGERS_H
#define CK_AVX2_INTEGERS_H

#if defined(__x86_64__)
#include "avx2.h"

/// The four bytes at x, eight times.
CK_AVX2 CK_INLINE __m256i ck_avx2_spread(const void *x) {
  int32_t word;
  __builtin_memcpy(&word, x, 4);
  return _mm256_set1_epi32(word);
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

/// Bytes from whole numbers of steps, 4 vectors of 8: packing leaves the lower halves of all four before the upper ones.
CK_AVX2 CK_INLINE __m256i ck_avx2_bytes(const __m256i whole[4], __m256i zeros) {
  const __m256i low = _mm256_adds_epi16(_mm256_packs_epi32(whole[0], whole[1]), zeros);
  const __m256i high = _mm256_adds_epi16(_mm256_packs_epi32(whole[2], whole[3]), zeros);
  return _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

/// What the rows of an integer tile share. `plain`: no zero points of weights, nothing added but the bias, and, where
/// bytes are written, no limits but theirs.
typedef struct {
  size_t outputs;
  int plain;
  __m256i mask[2], start[2], zero[2];
  __m256 scale[2], bias[2], lo, hi;
  __m256 step_scale[2], step_bias[2], limit[2];  ///< in steps of the output; how far from a whole number one is sure
  __m256i zeros;
} ck_avx2_integers;

/// What holds for eight outputs' scales and biases.
CK_AVX2 CK_INLINE void ck_avx2_integers_half(ck_avx2_integers *f, const int h, __m256 scale, __m256 bias,
                                             const ck_integer_store *s) {
  f->scale[h] = scale;
  f->bias[h] = bias;
  if (!s->quantize) return;
  // S * (scale / step) + bias / step and fl(S * scale + bias) / step are within 2^-24 * (5 |q| + 4 |bias / step|) of each
  // other, |q| < 257 where the byte is not 0 or 255 anyway. Beyond these scales the inverse is not exact enough.
  const __m256 inverse = _mm256_set1_ps(1 / s->out_scale);
  const int usual = s->out_scale > 0x1p-100f && s->out_scale < 0x1p100f;
  f->step_scale[h] = _mm256_mul_ps(scale, inverse);
  f->step_bias[h] = _mm256_mul_ps(bias, inverse);
  const __m256 size = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), f->step_bias[h]);
  f->limit[h] = _mm256_fnmadd_ps(size, _mm256_set1_ps(0x1p-21f), _mm256_set1_ps(usual ? 0.5f - 0x1p-13f : -1));
}

/// Whether bytes have no limits but 0 and 255.
CK_AVX2 CK_INLINE int ck_avx2_unlimited(const ck_integer_store *s) {
  return ck_quantize(s->lo, s->out_scale, s->out_zero) == 0 && ck_quantize(s->hi, s->out_scale, s->out_zero) == 255;
}

CK_AVX2 CK_INLINE ck_avx2_integers ck_avx2_integers_begin(size_t nr, const ck_integer_store *s) {
  ck_avx2_integers f;
  f.outputs = nr;
  f.plain = !s->zero_points && !s->residual && (!s->quantize || ck_avx2_unlimited(s));
  f.lo = _mm256_set1_ps(s->lo);
  f.hi = _mm256_set1_ps(s->hi);
  f.zeros = _mm256_set1_epi16((int16_t)s->out_zero);
  CK_UNROLL for (int h = 0; h < 2; h++) {
    const size_t first = 8 * (size_t)h;
    f.mask[h] = ck_mask8(nr > first ? nr - first : 0);
    f.start[h] = _mm256_mullo_epi32(_mm256_set1_epi32((int)(0u - (uint32_t)s->x_zero)),
                                    _mm256_loadu_si256((const __m256i *)(s->column_sums + first)));
    f.zero[h] = s->zero_points ? _mm256_loadu_si256((const __m256i *)(s->zero_points + first))
                               : _mm256_setzero_si256();
    ck_avx2_integers_half(&f, h, _mm256_mul_ps(_mm256_loadu_ps(s->scale + first), _mm256_set1_ps(s->x_scale)),
                          s->bias ? _mm256_maskload_ps(s->bias + first, f.mask[h]) : _mm256_setzero_ps(), s);
  }
  return f;
}

/// Half a row of sums, which began at `start`, finished as floats.
CK_AVX2 CK_INLINE __m256 ck_avx2_integer_values(const ck_avx2_integers *f, const int plain, const int h, size_t row,
                                                __m256i sum, const ck_integer_store *s) {
  if (!plain && s->zero_points) {
    const uint32_t centred = (uint32_t)s->row_sums[row] - (uint32_t)s->k * (uint32_t)s->x_zero;
    sum = _mm256_sub_epi32(sum, _mm256_mullo_epi32(f->zero[h], _mm256_set1_epi32((int)centred)));
  }
  __m256 v = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), f->scale[h], f->bias[h]);
  if (!plain && s->residual) {
    const float *r = s->residual + row * s->residual_stride + 8 * h;
    v = _mm256_add_ps(v, f->outputs >= 8 * (size_t)h + 8 ? _mm256_loadu_ps(r) : _mm256_maskload_ps(r, f->mask[h]));
  }
  return _mm256_min_ps(f->hi, _mm256_max_ps(f->lo, v));
}

/// Four vectors of values, one after the other, as bytes.
CK_AVX2 CK_INLINE __m256i ck_avx2_quantize_four(const __m256 v[4], const ck_integer_store *s) {
  __m128i eight[4];
  CK_UNROLL for (int i = 0; i < 4; i++) eight[i] = ck_avx2_quantize(v[i], s->out_scale, s->out_zero);
  return _mm256_set_m128i(_mm_unpacklo_epi64(eight[2], eight[3]), _mm_unpacklo_epi64(eight[0], eight[1]));
}

/// The bytes of four vectors of sums as floats, `half[i]` telling which scales each takes, where `plain` holds. Instead
/// of dividing, the inverse of the step is part of the scale; where that comes so close to a half that the quotient may
/// round otherwise, or is no number, it divides after all.
CK_AVX2 CK_INLINE __m256i ck_avx2_plain_bytes(const ck_avx2_integers *f, const __m256 sum[4], const int half[4],
                                              const ck_integer_store *s) {
  __m256i whole[4];
  __m256 unsure = _mm256_setzero_ps();
  CK_UNROLL for (int i = 0; i < 4; i++) {
    const __m256 q = _mm256_fmadd_ps(sum[i], f->step_scale[half[i]], f->step_bias[half[i]]);
    whole[i] = _mm256_cvtps_epi32(q);
    const __m256 rest = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(q, _mm256_cvtepi32_ps(whole[i])));
    unsure = _mm256_or_ps(unsure, _mm256_cmp_ps(rest, f->limit[half[i]], _CMP_NLE_UQ));
  }
  if (__builtin_expect(_mm256_movemask_ps(unsure), 0)) {
    __m256 v[4];
    CK_UNROLL for (int i = 0; i < 4; i++) {
      const __m256 value = _mm256_fmadd_ps(sum[i], f->scale[half[i]], f->bias[half[i]]);
      v[i] = _mm256_min_ps(f->hi, _mm256_max_ps(f->lo, value));
    }
    return ck_avx2_quantize_four(v, s);
  }
  return ck_avx2_bytes(whole, f->zeros);
}

CK_AVX2 CK_INLINE void ck_avx2_write_integers(const int rows, const int plain, const ck_avx2_integers *f,
                                              __m256i (*sum)[2], void *c, size_t ldc, const ck_integer_store *s) {
  if (!s->quantize) {
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < 2; h++) {
        if (f->outputs <= 8 * (size_t)h) break;
        const __m256 v = ck_avx2_integer_values(f, plain, h, (size_t)i, sum[i][h], s);
        float *y = (float *)c + (size_t)i * ldc + 8 * h;
        if (f->outputs >= 8 * (size_t)h + 8)
          _mm256_storeu_ps(y, v);
        else
          _mm256_maskstore_ps(y, f->mask[h], v);
      }
    return;
  }
  CK_UNROLL for (int i = 0; i < rows; i += 2) {
    __m256 v[4];
    CK_UNROLL for (int j = 0; j < 4; j++) {
      const int row = i + j / 2 < rows ? i + j / 2 : i;
      v[j] = plain ? _mm256_cvtepi32_ps(sum[row][j % 2])
                   : ck_avx2_integer_values(f, plain, j % 2, (size_t)row, sum[row][j % 2], s);
    }
    const int halves[4] = {0, 1, 0, 1};
    const __m256i bytes = plain ? ck_avx2_plain_bytes(f, v, halves, s) : ck_avx2_quantize_four(v, s);
    CK_UNROLL for (int j = 0; j < 2 && i + j < rows; j++) {
      uint8_t *y = (uint8_t *)c + (size_t)(i + j) * ldc;
      const __m128i row = j == 0 ? _mm256_castsi256_si128(bytes) : _mm256_extracti128_si256(bytes, 1);
      if (f->outputs >= CK_PANEL) {
        _mm_storeu_si128((__m128i *)y, row);
      } else if (f->outputs == 8) {
        _mm_storel_epi64((__m128i *)y, row);
      } else {
        uint8_t all[CK_PANEL];
        _mm_storeu_si128((__m128i *)all, row);
        for (size_t n = 0; n < f->outputs; n++) y[n] = all[n];
      }
    }
  }
}

CK_AVX2 CK_APART void ck_avx2_finish_integer_rows(int rows, const ck_avx2_integers *f, __m256i (*sum)[2], void *c,
                                                  size_t ldc, const ck_integer_store *s) {
  ck_integer_store part = *s;
  for (int i = 0; i < rows; i++) {
    part.row_sums = s->zero_points ? s->row_sums + i : s->row_sums;
    if (s->residual) part.residual = s->residual + (size_t)i * s->residual_stride;
    ck_avx2_write_integers(1, 0, f, sum + i, (char *)c + (size_t)i * ldc * (s->quantize ? 1 : sizeof(float)), ldc, &part);
  }
}

/// Finishes and writes a tile of integer sums.
CK_AVX2 CK_INLINE void ck_avx2_finish_integers(const int rows, const ck_avx2_integers *f, __m256i sum[6][2], void *c,
                                               size_t ldc, const ck_integer_store *s) {
  if (f->plain) {
    ck_avx2_write_integers(rows, 1, f, sum, c, ldc, s);
    return;
  }
  __m256i copy[6][2];
  CK_UNROLL for (int i = 0; i < rows; i++)
    CK_UNROLL for (int h = 0; h < 2; h++) copy[i][h] = sum[i][h];
  ck_avx2_finish_integer_rows(rows, f, copy, c, ldc, s);
}

#endif
#endif
