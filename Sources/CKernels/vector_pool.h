// Pooling over NHWC: channels lie together, so every window place is one vector operation over them.

// The places of a window along one axis that fall inside the image: first and one past the last, as window indices.
INLINE void window_range(size_t at, size_t stride, size_t pad, size_t dilation, size_t kernel, size_t size,
                         size_t *first, size_t *last) {
  // Place k lies at at * stride + k * dilation - pad.
  size_t start = at * stride;
  size_t begin = start >= pad ? 0 : (pad - start + dilation - 1) / dilation;
  size_t end = size + pad > start ? (size + pad - start + dilation - 1) / dilation : 0;
  *first = begin < kernel ? begin : kernel;
  *last = end < kernel ? end : kernel;
}

#define WINDOWS_BEGIN(type)                                                                                     \
  for (size_t image = 0; image < p->batch; image++, x += p->height * p->width * p->channels)                    \
    for (size_t row = 0; row < p->out_height; row++)                                                            \
      for (size_t column = 0; column < p->out_width; column++, out += p->channels) {                            \
        size_t top, bottom, left, right;                                                                        \
        window_range(row, p->stride_height, p->pad_top, p->dilation_height, p->kernel_height, p->height, &top,  \
                     &bottom);                                                                                  \
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

KERNEL(f32_max_pool_nhwc)(const ck_pool2d *p, const float *x, float *out) {
  WINDOWS_BEGIN(float)
  for (size_t i = 0; i < n; i++) out[i] = -INFINITY;
  WINDOW_PLACES(float)
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = max_f32(place[i], out[i]);
  WINDOWS_END
  WINDOWS_END
}

KERNEL(u8_max_pool_nhwc)(const ck_pool2d *p, const uint8_t *x, uint8_t *out) {
  WINDOWS_BEGIN(uint8_t)
  memset(out, 0, n);
  WINDOW_PLACES(uint8_t)
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = place[i] > out[i] ? place[i] : out[i];
  WINDOWS_END
  WINDOWS_END
}

// Window places inside the padded image, which a window of a rounded-up output may leave.
INLINE size_t padded_places(size_t at, size_t stride, size_t dilation, size_t kernel, size_t padded) {
  size_t start = at * stride;
  size_t end = padded > start ? (padded - start + dilation - 1) / dilation : 0;
  return end < kernel ? end : kernel;
}

KERNEL(f32_average_pool_nhwc)(const ck_pool2d *p, const float *x, float *out) {
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
