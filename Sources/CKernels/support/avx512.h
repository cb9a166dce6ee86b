// AVX-512 helpers: masks and finishing of tiles.
#ifndef CK_AVX512_H
#define CK_AVX512_H

#if defined(__x86_64__)
#include <immintrin.h>

#include "finish.h"

#define CK_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")))
#define CK_VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")))

/// Lanes below `count`, of 16.
CK_AVX512 CK_INLINE __mmask16 ck_mask16(size_t count) {
  return count >= 16 ? (__mmask16)0xffff : (__mmask16)((1u << count) - 1);
}

/// Finishes and writes 16 outputs of one row; `at` is their place in the tile.
CK_AVX512 CK_INLINE void ck_avx512_finish_row(__mmask16 mask, size_t row, size_t at, __m512 v, float *c, size_t ldc,
                                              const ck_f32_store *s) {
  float *y = c + row * ldc + at;
  if (s->accumulate) v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(mask, y));
  if (s->finish) {
    const __m512 scale = s->scale ? _mm512_loadu_ps(s->scale + at) : _mm512_set1_ps(1);
    const __m512 bias = s->bias ? _mm512_maskz_loadu_ps(mask, s->bias + at) : _mm512_setzero_ps();
    v = _mm512_fmadd_ps(v, scale, bias);
    if (s->residual) v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(mask, s->residual + row * s->residual_stride + at));
    // The second operand comes back where one is NaN.
    v = _mm512_min_ps(_mm512_set1_ps(s->hi), _mm512_max_ps(_mm512_set1_ps(s->lo), v));
  }
  _mm512_mask_storeu_ps(y, mask, v);
}

/// Sixteen bytes nearest to v / scale + zero, halves to even; a NaN becomes `zero`.
CK_AVX512 CK_INLINE __m128i ck_avx512_quantize(__m512 v, float scale, int32_t zero) {
  const __m512 offset = _mm512_set1_ps((float)zero);
  __m512 q = _mm512_div_ps(v, _mm512_set1_ps(scale));
  q = _mm512_roundscale_ps(q, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  q = _mm512_add_ps(q, offset);
  q = _mm512_mask_blend_ps(_mm512_cmp_ps_mask(q, q, _CMP_UNORD_Q), q, offset);
  q = _mm512_min_ps(_mm512_max_ps(q, _mm512_setzero_ps()), _mm512_set1_ps(255));
  return _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(q));
}

/// Finishes 16 outputs of one row of integer sums already freed of zero points, and writes them.
CK_AVX512 CK_INLINE void ck_avx512_finish_integers(__mmask16 mask, size_t row, size_t at, __m512i sum, void *c,
                                                   size_t ldc, const ck_integer_store *s) {
  const __m512 scale = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, s->scale + at), _mm512_set1_ps(s->x_scale));
  const __m512 bias = s->bias ? _mm512_maskz_loadu_ps(mask, s->bias + at) : _mm512_setzero_ps();
  __m512 v = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum), scale, bias);
  if (s->residual) v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(mask, s->residual + row * s->residual_stride + at));
  v = _mm512_min_ps(_mm512_set1_ps(s->hi), _mm512_max_ps(_mm512_set1_ps(s->lo), v));
  if (s->quantize)
    _mm_mask_storeu_epi8((uint8_t *)c + row * ldc + at, mask, ck_avx512_quantize(v, s->out_scale, s->out_zero));
  else
    _mm512_mask_storeu_ps((float *)c + row * ldc + at, mask, v);
}

/// Sums per output that run side by side in a tile of `rows` rows: few rows would leave the FMA units waiting for each
/// other.
CK_INLINE int ck_avx512_chains(const int rows) { return rows == 1 ? 4 : rows < 4 ? 2 : 1; }

#endif
#endif
