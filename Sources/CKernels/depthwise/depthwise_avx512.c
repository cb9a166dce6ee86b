#if defined(__x86_64__)
#include "../support/avx512.h"
#include "../dispatch/matrix_declare.h"

// `pixels` neighbours share each load of a weight.
CK_AVX512 CK_INLINE void f32_pixels(const int pixels, const ck_window *window, const float *x, const float *w,
                                    __mmask16 mask, __m512 bias, __m512 lo, __m512 hi, float *y) {
  __m512 sum[4];
  CK_UNROLL for (int p = 0; p < pixels; p++) sum[p] = bias;
  for (size_t i = 0; i < window->tap_rows; i++)
    for (size_t j = 0; j < window->tap_columns; j++) {
      const __m512 weight = _mm512_maskz_loadu_ps(mask, w + i * window->w_row + j * window->w_column);
      const float *at = x + i * window->x_row + j * window->x_column;
      CK_UNROLL for (int p = 0; p < pixels; p++)
        sum[p] = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, at + (size_t)p * window->x_pixel), weight, sum[p]);
    }
  CK_UNROLL for (int p = 0; p < pixels; p++)
    _mm512_mask_storeu_ps(y + (size_t)p * window->y_pixel, mask, _mm512_min_ps(hi, _mm512_max_ps(lo, sum[p])));
}

CK_AVX512 void f32_depthwise_avx512(const ck_window *window, const float *x, const float *w, const float *bias,
                                    float low, float high, float *y) {
  const __m512 lo = _mm512_set1_ps(low), hi = _mm512_set1_ps(high);
  for (size_t c = 0; c < window->channels; c += 16) {
    const __mmask16 mask = ck_mask16(window->channels - c);
    const __m512 b = bias ? _mm512_maskz_loadu_ps(mask, bias + c) : _mm512_setzero_ps();
    size_t p = 0;
    for (; p + 4 <= window->pixels; p += 4)
      f32_pixels(4, window, x + p * window->x_pixel + c, w + c, mask, b, lo, hi, y + p * window->y_pixel + c);
    for (; p < window->pixels; p++)
      f32_pixels(1, window, x + p * window->x_pixel + c, w + c, mask, b, lo, hi, y + p * window->y_pixel + c);
  }
}

CK_AVX512 CK_INLINE void u8_pixels(const int pixels, const ck_window *window, const uint8_t *x, const int16_t *w,
                                   size_t at, size_t c, __mmask16 mask, void *y, const ck_integer_store *s) {
  const __m512i x_zero = _mm512_set1_epi32(s->x_zero);
  __m512i sum[4];
  CK_UNROLL for (int p = 0; p < pixels; p++) sum[p] = _mm512_setzero_si512();
  for (size_t i = 0; i < window->tap_rows; i++)
    for (size_t j = 0; j < window->tap_columns; j++) {
      // The upper 16 bits of each weight are zero: pmaddwd then is one signed 16-bit product per lane.
      const __m512i weight = _mm512_cvtepu16_epi32(
          _mm256_maskz_loadu_epi16(mask, w + i * window->w_row + j * window->w_column + c));
      const uint8_t *from = x + at * window->x_pixel + i * window->x_row + j * window->x_column + c;
      CK_UNROLL for (int p = 0; p < pixels; p++) {
        const __m128i bytes = _mm_maskz_loadu_epi8(mask, from + (size_t)p * window->x_pixel);
        const __m512i v = _mm512_sub_epi32(_mm512_cvtepu8_epi32(bytes), x_zero);
        sum[p] = _mm512_add_epi32(sum[p], _mm512_madd_epi16(v, weight));
      }
    }
  CK_UNROLL for (int p = 0; p < pixels; p++)
    ck_avx512_finish_integers(mask, at + (size_t)p, c, sum[p], y, window->y_pixel, s);
}

CK_AVX512 void u8s8_depthwise_avx512(const ck_window *window, const uint8_t *x, const int16_t *w, void *y,
                                     const ck_integer_store *store) {
  for (size_t c = 0; c < window->channels; c += 16) {
    const __mmask16 mask = ck_mask16(window->channels - c);
    size_t p = 0;
    for (; p + 4 <= window->pixels; p += 4) u8_pixels(4, window, x, w, p, c, mask, y, store);
    for (; p < window->pixels; p++) u8_pixels(1, window, x, w, p, c, mask, y, store);
  }
}
#endif
