#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

// The channels of a block: the last eight twice where they are not a multiple of it.
#define CK_CHANNELS(block) ((block) + 8 <= window->channels ? (block) : window->channels - 8)

// Sums of up to 8 neighbouring pixels, 8 channels each. Each column of the image is loaded once for all the taps that
// see it. LOAD(at) yields 8 floats; `left` and `right` leave out the first and the last column.
#define CK_SUMS(LOAD)                                                                                    \
  for (size_t i = 0; i < window->tap_rows; i++, x += window->x_row, w += 3 * window->channels) {         \
    __m256 tap[3];                                                                                       \
    CK_UNROLL for (int j = 0; j < 3; j++) tap[j] = _mm256_loadu_ps(w + (size_t)j * window->channels);    \
    CK_UNROLL for (int q = 0; q < (pixels - 1) * stride + 3; q++) {                                      \
      if ((q == 0 && left) || (q == (pixels - 1) * stride + 2 && right)) continue;                       \
      const __m256 v = LOAD(x + (size_t)q * window->x_pixel);                                            \
      CK_UNROLL for (int j = 0; j < 3; j++)                                                              \
        if (q >= j && (q - j) % stride == 0 && (q - j) / stride < pixels)                                \
          sum[(q - j) / stride] = _mm256_fmadd_ps(v, tap[j], sum[(q - j) / stride]);                     \
    }                                                                                                    \
  }

// Pixels in nearly equal parts of at most 8: PART(count) is called with x, y, `left` and `right` at each. `element` is the
// size of an element of y.
#define CK_EACH_PART(PART, element)                                                   \
  const size_t parts = (window->pixels + 7) / 8;                                      \
  for (size_t part = 0; part < parts; part++) {                                       \
    const size_t first = window->pixels * part / parts;                               \
    const size_t count = window->pixels * (part + 1) / parts - first;                 \
    const int left = part == 0 && window->left, right = part + 1 == parts && window->right; \
    const size_t from = first * window->stride * window->x_pixel + c;                 \
    void *to = (char *)y + (first * window->channels + c) * (element);                \
    switch (count) {                                                                  \
      CK_COUNTS_TO_7(PART)                                                            \
      case 8: PART(8); break;                                                         \
    }                                                                                 \
  }

CK_AVX2 CK_INLINE void f32_part(const int pixels, const int stride, const ck_row3 *window, int left, int right,
                                const float *x, const float *w, __m256 bias, __m256 lo, __m256 hi, float *y) {
  __m256 sum[8];
  CK_UNROLL for (int p = 0; p < pixels; p++) sum[p] = bias;
  CK_SUMS(_mm256_loadu_ps)
  CK_UNROLL for (int p = 0; p < pixels; p++)
    _mm256_storeu_ps(y + (size_t)p * window->channels, _mm256_min_ps(hi, _mm256_max_ps(lo, sum[p])));
}

CK_AVX2 void f32_depthwise3_avx2(const ck_row3 *window, const float *x, const float *w, const float *bias, float low,
                                 float high, float *y) {
  const __m256 lo = _mm256_set1_ps(low), hi = _mm256_set1_ps(high);
  for (size_t block = 0; block < window->channels; block += 8) {
    const size_t c = CK_CHANNELS(block);
    const __m256 b = bias ? _mm256_loadu_ps(bias + c) : _mm256_setzero_ps();
#define CK_ONE(n) f32_part(n, 1, window, left, right, x + from, w + c, b, lo, hi, to)
#define CK_TWO(n) f32_part(n, 2, window, left, right, x + from, w + c, b, lo, hi, to)
    if (window->stride == 1) {
      CK_EACH_PART(CK_ONE, sizeof(float))
    } else {
      CK_EACH_PART(CK_TWO, sizeof(float))
    }
#undef CK_ONE
#undef CK_TWO
  }
}

// Whole numbers below 2^24 are exact as floats: a product and its sum then are one operation, not two. `centred`: the
// zero point is not 0.
CK_AVX2 CK_INLINE void u8_part(const int pixels, const int stride, const int centred, const ck_row3 *window, int left,
                               int right, const uint8_t *x, const float *w, const ck_integer_store *s,
                               const ck_avx2_integers *f, void *y) {
  const __m256i x_zero = _mm256_set1_epi32(s->x_zero);
  __m256 sum[8];
  CK_UNROLL for (int p = 0; p < pixels; p++) sum[p] = _mm256_setzero_ps();
#define CK_WORDS(at) _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(at)))
#define CK_BYTES(at) _mm256_cvtepi32_ps(centred ? _mm256_sub_epi32(CK_WORDS(at), x_zero) : CK_WORDS(at))
  CK_SUMS(CK_BYTES)
#undef CK_BYTES
#undef CK_WORDS
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
    const __m256i bytes = f->plain ? ck_avx2_plain_bytes(f, four, halves, s) : ck_avx2_quantize_four(four, s);
    uint8_t *to = (uint8_t *)y + (size_t)p * window->channels;
    const __m128i low = _mm256_castsi256_si128(bytes), high = _mm256_extracti128_si256(bytes, 1);
    _mm_storel_epi64((__m128i *)to, low);
    if (p + 1 < pixels) _mm_storeh_pd((double *)(to + window->channels), _mm_castsi128_pd(low));
    if (p + 2 < pixels) _mm_storel_epi64((__m128i *)(to + 2 * window->channels), high);
    if (p + 3 < pixels) _mm_storeh_pd((double *)(to + 3 * window->channels), _mm_castsi128_pd(high));
  }
}

CK_AVX2 void u8s8_depthwise3_avx2(const ck_row3 *window, const uint8_t *x, const float *w, void *y,
                                  const ck_integer_store *store) {
  const size_t element = store->quantize ? 1 : sizeof(float);
  ck_avx2_integers finish, *f = &finish;
  f->plain = ck_avx2_unlimited(store);
  f->lo = _mm256_set1_ps(store->lo);
  f->hi = _mm256_set1_ps(store->hi);
  f->zeros = _mm256_set1_epi16((int16_t)store->out_zero);
  for (size_t block = 0; block < window->channels; block += 8) {
    const size_t c = CK_CHANNELS(block);
    ck_avx2_integers_half(f, 0, _mm256_mul_ps(_mm256_loadu_ps(store->scale + c), _mm256_set1_ps(store->x_scale)),
                          store->bias ? _mm256_loadu_ps(store->bias + c) : _mm256_setzero_ps(), store);
#define CK_ONE(n) u8_part(n, 1, 0, window, left, right, x + from, w + c, store, f, to)
#define CK_TWO(n) u8_part(n, 2, 0, window, left, right, x + from, w + c, store, f, to)
#define CK_ONE_CENTRED(n) u8_part(n, 1, 1, window, left, right, x + from, w + c, store, f, to)
#define CK_TWO_CENTRED(n) u8_part(n, 2, 1, window, left, right, x + from, w + c, store, f, to)
    if (window->stride == 1 && store->x_zero == 0) {
      CK_EACH_PART(CK_ONE, element)
    } else if (window->stride == 1) {
      CK_EACH_PART(CK_ONE_CENTRED, element)
    } else if (store->x_zero == 0) {
      CK_EACH_PART(CK_TWO, element)
    } else {
      CK_EACH_PART(CK_TWO_CENTRED, element)
    }
#undef CK_ONE
#undef CK_TWO
#undef CK_ONE_CENTRED
#undef CK_TWO_CENTRED
  }
}
#endif
