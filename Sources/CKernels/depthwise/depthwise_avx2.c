#if defined(__x86_64__)
#include "../support/avx2_integers.h"
#include "depthwise_sum.h"
#include "../dispatch/matrix_declare.h"

// `pixels` neighbours share each load of a weight; eight sums side by side hide the latency of each.
CK_AVX2 CK_INLINE void f32_pixels(const int pixels, const int full, const ck_window *window, const float *x,
                                  const float *w, __m256i mask, __m256 bias, __m256 lo, __m256 hi, float *y) {
  __m256 sum[8];
  CK_UNROLL for (int p = 0; p < pixels; p++) sum[p] = bias;
  for (size_t i = 0; i < window->tap_rows; i++)
    for (size_t j = 0; j < window->tap_columns; j++) {
      const float *tap = w + i * window->w_row + j * window->w_column;
      const float *at = x + i * window->x_row + j * window->x_column;
      const __m256 weight = full ? _mm256_loadu_ps(tap) : _mm256_maskload_ps(tap, mask);
      CK_UNROLL for (int p = 0; p < pixels; p++) {
        const float *from = at + (size_t)p * window->x_pixel;
        sum[p] = _mm256_fmadd_ps(full ? _mm256_loadu_ps(from) : _mm256_maskload_ps(from, mask), weight, sum[p]);
      }
    }
  CK_UNROLL for (int p = 0; p < pixels; p++) {
    const __m256 v = _mm256_min_ps(hi, _mm256_max_ps(lo, sum[p]));
    if (full)
      _mm256_storeu_ps(y + (size_t)p * window->y_pixel, v);
    else
      _mm256_maskstore_ps(y + (size_t)p * window->y_pixel, mask, v);
  }
}

CK_AVX2 void f32_depthwise_avx2(const ck_window *window, const float *x, const float *w, const float *bias,
                                float low, float high, float *y) {
  const __m256 lo = _mm256_set1_ps(low), hi = _mm256_set1_ps(high);
  for (size_t c = 0; c < window->channels; c += 8) {
    const size_t left = window->channels - c;
    const __m256i mask = ck_mask8(left < 8 ? left : 8);
    const __m256 b = bias ? _mm256_maskload_ps(bias + c, mask) : _mm256_setzero_ps();
#define CK_PIXELS(n) \
  f32_pixels(n, 1, window, x + p * window->x_pixel + c, w + c, mask, b, lo, hi, y + p * window->y_pixel + c)
    size_t p = 0;
    if (left < 8) {
      for (; p < window->pixels; p++)
        f32_pixels(1, 0, window, x + p * window->x_pixel + c, w + c, mask, b, lo, hi, y + p * window->y_pixel + c);
      break;
    }
    for (; p + 8 <= window->pixels; p += 8) CK_PIXELS(8);
    switch (window->pixels - p) { CK_COUNTS_TO_7(CK_PIXELS) }
#undef CK_PIXELS
  }
}

CK_AVX2 CK_INLINE void u8_pixels(const int pixels, const ck_window *window, const uint8_t *x, const int16_t *w,
                                 size_t at, size_t c, void *y, const ck_integer_store *s) {
  const __m256i x_zero = _mm256_set1_epi32(s->x_zero);
  __m256i sum[8];
  CK_UNROLL for (int p = 0; p < pixels; p++) sum[p] = _mm256_setzero_si256();
  for (size_t i = 0; i < window->tap_rows; i++)
    for (size_t j = 0; j < window->tap_columns; j++) {
      // The upper 16 bits of each weight are zero: pmaddwd then is one signed 16-bit product per lane.
      const __m256i weight = _mm256_cvtepu16_epi32(
          _mm_loadu_si128((const __m128i *)(w + i * window->w_row + j * window->w_column + c)));
      const uint8_t *from = x + at * window->x_pixel + i * window->x_row + j * window->x_column + c;
      CK_UNROLL for (int p = 0; p < pixels; p++) {
        const __m128i bytes = _mm_loadl_epi64((const __m128i *)(from + (size_t)p * window->x_pixel));
        const __m256i v = _mm256_sub_epi32(_mm256_cvtepu8_epi32(bytes), x_zero);
        sum[p] = _mm256_add_epi32(sum[p], _mm256_madd_epi16(v, weight));
      }
    }
  const __m256 scale = _mm256_mul_ps(_mm256_loadu_ps(s->scale + c), _mm256_set1_ps(s->x_scale));
  const __m256 bias = s->bias ? _mm256_loadu_ps(s->bias + c) : _mm256_setzero_ps();
  const __m256 lo = _mm256_set1_ps(s->lo), hi = _mm256_set1_ps(s->hi);
  CK_UNROLL for (int p = 0; p < pixels; p++) {
    __m256 v = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum[p]), scale, bias);
    v = _mm256_min_ps(hi, _mm256_max_ps(lo, v));
    const size_t to = (at + (size_t)p) * window->y_pixel + c;
    if (s->quantize)
      _mm_storel_epi64((__m128i *)((uint8_t *)y + to), ck_avx2_quantize(v, s->out_scale, s->out_zero));
    else
      _mm256_storeu_ps((float *)y + to, v);
  }
}

CK_AVX2 void u8s8_depthwise_avx2(const ck_window *window, const uint8_t *x, const int16_t *w, void *y,
                                 const ck_integer_store *store) {
  size_t c = 0;
  for (; c + 8 <= window->channels; c += 8) {
#define CK_PIXELS(n) u8_pixels(n, window, x, w, p, c, y, store)
    size_t p = 0;
    for (; p + 8 <= window->pixels; p += 8) CK_PIXELS(8);
    switch (window->pixels - p) { CK_COUNTS_TO_7(CK_PIXELS) }
#undef CK_PIXELS
  }
  if (c < window->channels)
    for (size_t p = 0; p < window->pixels; p++) ck_depthwise_channels(window, p, c, x, w, y, store);
}
#endif
