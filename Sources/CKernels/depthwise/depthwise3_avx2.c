#if defined(__x86_64__)
#include "../support/avx2_integers.h"
#include "../dispatch/matrix_declare.h"

/// The first channel of a block: the last eight twice where channels are not a multiple of it.
CK_INLINE size_t first_channel(const ck_row3 *window, size_t block) {
  return block + 8 <= window->channels ? block : window->channels - 8;
}

/// What a row's elements are.
typedef enum { floats, bytes, centred_bytes } element;

/// Eight values of a column; `centred_bytes` less their zero point.
CK_AVX2 CK_INLINE __m256 column(const element kind, const void *x, size_t at, __m256i x_zero) {
  if (kind == floats) return _mm256_loadu_ps((const float *)x + at);
  const __m256i words = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)((const uint8_t *)x + at)));
  return _mm256_cvtepi32_ps(kind == centred_bytes ? _mm256_sub_epi32(words, x_zero) : words);
}

/// Some neighbouring pixels of a row, at most 8. `left` and `right` leave out the first and the last column under them.
typedef struct {
  size_t first, count;
  int left, right;
} row_part;

/// Parts in which a row is done, nearly equal.
CK_INLINE size_t part_count(const ck_row3 *window) { return (window->pixels + 7) / 8; }

CK_INLINE row_part part_at(const ck_row3 *window, size_t part, size_t parts) {
  const size_t first = window->pixels * part / parts;
  return (row_part){first, window->pixels * (part + 1) / parts - first, part == 0 && window->left,
                    part + 1 == parts && window->right};
}

/// Adds to the sums of `pixels` pixels, 8 channels each, whose first column is at `x`. Each column of the image is loaded
/// once for all the taps that see it.
CK_AVX2 CK_INLINE void add_taps(const element kind, const int pixels, const int stride, const ck_row3 *window, int left,
                                int right, const void *x, const float *w, __m256i x_zero, __m256 sum[8]) {
  size_t row = 0;
  for (size_t i = 0; i < window->tap_rows; i++, row += window->x_row, w += 3 * window->channels) {
    __m256 tap[3];
    CK_UNROLL for (int j = 0; j < 3; j++) tap[j] = _mm256_loadu_ps(w + (size_t)j * window->channels);
    CK_UNROLL for (int q = 0; q < (pixels - 1) * stride + 3; q++) {
      if ((q == 0 && left) || (q == (pixels - 1) * stride + 2 && right)) continue;
      const __m256 v = column(kind, x, row + (size_t)q * window->x_pixel, x_zero);
      CK_UNROLL for (int j = 0; j < 3; j++)
        if (q >= j && (q - j) % stride == 0 && (q - j) / stride < pixels)
          sum[(q - j) / stride] = _mm256_fmadd_ps(v, tap[j], sum[(q - j) / stride]);
    }
  }
}

CK_AVX2 CK_INLINE void f32_pixels(const int pixels, const int stride, const ck_row3 *window, int left, int right,
                                  const float *x, const float *w, __m256 bias, __m256 lo, __m256 hi, float *y) {
  __m256 sum[8];
  CK_UNROLL for (int p = 0; p < pixels; p++) sum[p] = bias;
  add_taps(floats, pixels, stride, window, left, right, x, w, _mm256_setzero_si256(), sum);
  CK_UNROLL for (int p = 0; p < pixels; p++)
    _mm256_storeu_ps(y + (size_t)p * window->channels, _mm256_min_ps(hi, _mm256_max_ps(lo, sum[p])));
}

CK_AVX2 CK_INLINE void f32_row(const int stride, const ck_row3 *window, const float *x, const float *w, __m256 bias,
                               __m256 lo, __m256 hi, float *y) {
  const size_t parts = part_count(window);
  for (size_t i = 0; i < parts; i++) {
    const row_part part = part_at(window, i, parts);
    const float *from = x + part.first * window->stride * window->x_pixel;
    float *to = y + part.first * window->channels;
#define CK_PIXELS(n) f32_pixels(n, stride, window, part.left, part.right, from, w, bias, lo, hi, to)
    switch (part.count) { CK_COUNTS_TO_8(CK_PIXELS) }
#undef CK_PIXELS
  }
}

CK_AVX2 void f32_depthwise3_avx2(const ck_row3 *window, const float *x, const float *w, const float *bias, float low,
                                 float high, float *y) {
  const __m256 lo = _mm256_set1_ps(low), hi = _mm256_set1_ps(high);
  for (size_t block = 0; block < window->channels; block += 8) {
    const size_t c = first_channel(window, block);
    const __m256 b = bias ? _mm256_loadu_ps(bias + c) : _mm256_setzero_ps();
    if (window->stride == 1)
      f32_row(1, window, x + c, w + c, b, lo, hi, y + c);
    else
      f32_row(2, window, x + c, w + c, b, lo, hi, y + c);
  }
}

/// Whole numbers below 2^24 are exact as floats: a product and its sum then are one operation, not two.
CK_AVX2 CK_INLINE void u8_pixels(const element kind, const int pixels, const int stride, const ck_row3 *window, int left,
                                 int right, const uint8_t *x, const float *w, const ck_integer_store *s,
                                 const ck_avx2_integers *f, void *y) {
  __m256 sum[8];
  CK_UNROLL for (int p = 0; p < pixels; p++) sum[p] = _mm256_setzero_ps();
  add_taps(kind, pixels, stride, window, left, right, x, w, _mm256_set1_epi32(s->x_zero), sum);
  if (!f->plain || !s->quantize)
    CK_UNROLL for (int p = 0; p < pixels; p++)
      sum[p] = _mm256_min_ps(f->hi, _mm256_max_ps(f->lo, _mm256_fmadd_ps(sum[p], f->scale[0], f->bias[0])));
  if (!s->quantize) {
    CK_UNROLL for (int p = 0; p < pixels; p++) _mm256_storeu_ps((float *)y + (size_t)p * window->channels, sum[p]);
    return;
  }
  CK_UNROLL for (int p = 0; p < pixels; p += 4) {
    __m256 four[4];
    const int halves[4] = {0, 0, 0, 0};
    CK_UNROLL for (int i = 0; i < 4; i++) four[i] = sum[p + i < pixels ? p + i : p];
    const __m256i out = f->plain ? ck_avx2_plain_bytes(f, four, halves, s) : ck_avx2_quantize_four(four, s);
    uint8_t *to = (uint8_t *)y + (size_t)p * window->channels;
    const __m128i low = _mm256_castsi256_si128(out), high = _mm256_extracti128_si256(out, 1);
    _mm_storel_epi64((__m128i *)to, low);
    if (p + 1 < pixels) _mm_storeh_pd((double *)(to + window->channels), _mm_castsi128_pd(low));
    if (p + 2 < pixels) _mm_storel_epi64((__m128i *)(to + 2 * window->channels), high);
    if (p + 3 < pixels) _mm_storeh_pd((double *)(to + 3 * window->channels), _mm_castsi128_pd(high));
  }
}

CK_AVX2 CK_INLINE void u8_row(const element kind, const int stride, const ck_row3 *window, const uint8_t *x,
                              const float *w, const ck_integer_store *store, const ck_avx2_integers *f, size_t c,
                              void *y) {
  const size_t parts = part_count(window);
  for (size_t i = 0; i < parts; i++) {
    const row_part part = part_at(window, i, parts);
    const uint8_t *from = x + part.first * window->stride * window->x_pixel + c;
    void *to = (char *)y + (part.first * window->channels + c) * (store->quantize ? 1 : sizeof(float));
#define CK_PIXELS(n) u8_pixels(kind, n, stride, window, part.left, part.right, from, w + c, store, f, to)
    switch (part.count) { CK_COUNTS_TO_8(CK_PIXELS) }
#undef CK_PIXELS
  }
}

CK_AVX2 void u8s8_depthwise3_avx2(const ck_row3 *window, const uint8_t *x, const float *w, void *y,
                                  const ck_integer_store *store) {
  ck_avx2_integers finish, *f = &finish;
  f->plain = ck_avx2_unlimited(store);
  f->lo = _mm256_set1_ps(store->lo);
  f->hi = _mm256_set1_ps(store->hi);
  f->zeros = _mm256_set1_epi16((int16_t)store->out_zero);
  for (size_t block = 0; block < window->channels; block += 8) {
    const size_t c = first_channel(window, block);
    ck_avx2_integers_half(f, 0, _mm256_mul_ps(_mm256_loadu_ps(store->scale + c), _mm256_set1_ps(store->x_scale)),
                          store->bias ? _mm256_loadu_ps(store->bias + c) : _mm256_setzero_ps(), store);
    if (window->stride == 1 && store->x_zero == 0)
      u8_row(bytes, 1, window, x, w, store, f, c, y);
    else if (window->stride == 1)
      u8_row(centred_bytes, 1, window, x, w, store, f, c, y);
    else if (store->x_zero == 0)
      u8_row(bytes, 2, window, x, w, store, f, c, y);
    else
      u8_row(centred_bytes, 2, window, x, w, store, f, c, y);
  }
}
#endif
