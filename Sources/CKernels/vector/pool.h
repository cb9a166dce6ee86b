// Pooling over NHWC: channels lie together, so every window place is one vector operation over them.

// n / by rounded up; most windows are not dilated, and a division is slow.
INLINE size_t steps_to(size_t n, size_t by) { return by == 1 ? n : (n + by - 1) / by; }

// The places of a window along one axis that fall inside the image: first and one past the last, as window indices.
INLINE void window_range(size_t at, size_t stride, size_t pad, size_t dilation, size_t kernel, size_t size,
                         size_t *first, size_t *last) {
  // Place k lies at at * stride + k * dilation - pad.
  size_t start = at * stride;
  size_t begin = start >= pad ? 0 : steps_to(pad - start, dilation);
  size_t end = size + pad > start ? steps_to(size + pad - start, dilation) : 0;
  *first = begin < kernel ? begin : kernel;
  *last = end < kernel ? end : kernel;
}

// Sizes in a copy, which the results written cannot change.
#define WINDOWS_BEGIN(type)                                                                                     \
  const ck_pool2d sizes = *given, *const p = &sizes;                                                            \
  for (size_t image = 0; image < p->batch; image++, x += p->height * p->width * p->channels)                    \
    for (size_t row = 0, top, bottom, left, right; row < p->out_height; row++)                                  \
      for (size_t column = 0; column < p->out_width; column++, out += p->channels) {                            \
        if (column == 0)                                                                                        \
          window_range(row, p->stride_height, p->pad_top, p->dilation_height, p->kernel_height, p->height,      \
                       &top, &bottom);                                                                          \
        window_range(column, p->stride_width, p->pad_left, p->dilation_width, p->kernel_width, p->width, &left, \
                     &right);                                                                                   \
        size_t n = p->channels;

#define WINDOW_PLACES(type)                                                                            \
  for (size_t u = top; u < bottom; u++)                                                                \
    for (size_t v = left; v < right; v++) {                                                            \
      const type *place = x + ((row * p->stride_height + u * p->dilation_height - p->pad_top) * p->width + \
                               column * p->stride_width + v * p->dilation_width - p->pad_left) *       \
                                  n;

#define WINDOWS_END }

INLINE vecf larger(vecf a, vecf b) {
  return either((a > b) | (a != a), a, b);
}

// Four places at a time; those that are missing repeat another. From the second time on the first is the result so far.
#define MAX_PLACES(type, lowest, four)                                                       \
  const type *at[4];                                                                         \
  size_t found = 0;                                                                          \
  if (bottom == top + 2 && right == left + 2) {                                              \
    at[0] = x + ((row * p->stride_height + top * p->dilation_height - p->pad_top) * p->width + \
                 column * p->stride_width + left * p->dilation_width - p->pad_left) * n;     \
    at[1] = at[0] + p->dilation_width * n;                                                   \
    at[2] = at[0] + p->dilation_height * p->width * n;                                       \
    at[3] = at[2] + p->dilation_width * n;                                                   \
    four(n, at, out);                                                                        \
    continue;                                                                                \
  }                                                                                          \
  WINDOW_PLACES(type)                                                                        \
  at[found++] = place;                                                                       \
  if (found == 4) {                                                                          \
    four(n, at, out);                                                                        \
    at[0] = out;                                                                             \
    found = 1;                                                                               \
  }                                                                                          \
  WINDOWS_END                                                                                \
  if (found == 0)                                                                            \
    for (size_t i = 0; i < n; i++) out[i] = lowest;                                          \
  if (found == 0 || (found == 1 && at[0] == out)) continue;                                  \
  for (size_t f = found; f < 4; f++) at[f] = at[0];                                          \
  four(n, at, out);

INLINE void f32_largest(size_t n, const float *const at[4], float *out) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES)
    store(out + i, larger(larger(load(at[0] + i), load(at[1] + i)), larger(load(at[2] + i), load(at[3] + i))));
  for (; i < n; i++) out[i] = max_f32(max_f32(at[0][i], at[1][i]), max_f32(at[2][i], at[3][i]));
}

INLINE void u8_largest(size_t n, const uint8_t *const at[4], uint8_t *out) {
  _Pragma("clang loop vectorize_width(8) interleave_count(1) vectorize(assume_safety)")
  for (size_t i = 0; i < n; i++) {
    const uint8_t a = at[0][i] > at[1][i] ? at[0][i] : at[1][i], b = at[2][i] > at[3][i] ? at[2][i] : at[3][i];
    out[i] = a > b ? a : b;
  }
}

KERNEL(f32_max_pool_nhwc)(const ck_pool2d *given, const float *x, float *out) {
  WINDOWS_BEGIN(float)
  MAX_PLACES(float, -INFINITY, f32_largest)
  WINDOWS_END
}

KERNEL(u8_max_pool_nhwc)(const ck_pool2d *given, const uint8_t *x, uint8_t *out) {
  WINDOWS_BEGIN(uint8_t)
  MAX_PLACES(uint8_t, 0, u8_largest)
  WINDOWS_END
}
#undef MAX_PLACES

// Window places inside the padded image, which a window of a rounded-up output may leave.
INLINE size_t padded_places(size_t at, size_t stride, size_t dilation, size_t kernel, size_t padded) {
  size_t start = at * stride;
  size_t end = padded > start ? steps_to(padded - start, dilation) : 0;
  return end < kernel ? end : kernel;
}

KERNEL(f32_average_pool_nhwc)(const ck_pool2d *given, const float *x, float *out) {
  WINDOWS_BEGIN(float)
  memset(out, 0, n * sizeof(float));
  size_t places = bottom > top && right > left ? (bottom - top) * (right - left) : 0;
  if (places == 0) continue;
  WINDOW_PLACES(float)
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] += place[i];
  WINDOWS_END
  if (p->count_include_pad)
    places = padded_places(row, p->stride_height, p->dilation_height, p->kernel_height,
                           p->height + p->pad_top + p->pad_bottom) *
             padded_places(column, p->stride_width, p->dilation_width, p->kernel_width,
                           p->width + p->pad_left + p->pad_right);
  float divisor = (float)places;
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = out[i] / divisor;
  WINDOWS_END
}

KERNEL(f32_global_average_pool_nhwc)
(size_t batch, size_t places, size_t channels, const float *x, float *out) {
  for (size_t b = 0; b < batch; b++, out += channels) {
    memset(out, 0, channels * sizeof(float));
    for (size_t place = 0; place < places; place++, x += channels) {
      INDEPENDENT for (size_t i = 0; i < channels; i++) out[i] += x[i];
    }
    if (places == 0) continue;
    INDEPENDENT for (size_t i = 0; i < channels; i++) out[i] = out[i] / (float)places;
  }
}

KERNEL(f32_global_max_pool_nhwc)
(size_t batch, size_t places, size_t channels, const float *x, float *out) {
  for (size_t b = 0; b < batch; b++, out += channels) {
    for (size_t i = 0; i < channels; i++) out[i] = -INFINITY;
    for (size_t place = 0; place < places; place++, x += channels) {
      INDEPENDENT for (size_t i = 0; i < channels; i++) out[i] = max_f32(x[i], out[i]);
    }
  }
}

#undef WINDOWS_BEGIN
#undef WINDOW_PLACES
#undef WINDOWS_END
