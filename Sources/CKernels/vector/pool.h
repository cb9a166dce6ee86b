// Pooling over NHWC: channels lie together, so every window place is one vector operation over them.

// n / by rounded up; most windows are not dilated, and a division is slow.
INLINE size_t steps_to(size_t n, size_t by) { return by == 1 ? n : (n + by - 1) / by; }

// The places of a window along one axis that fall inside the image: window indices from `first` to before `end`.
typedef struct {
  size_t first, end;
} window_range;

INLINE window_range range_inside(size_t at, size_t stride, size_t pad, size_t dilation, size_t kernel, size_t size) {
  // Place k lies at at * stride + k * dilation - pad.
  const size_t start = at * stride;
  const size_t first = start >= pad ? 0 : steps_to(pad - start, dilation);
  const size_t end = size + pad > start ? steps_to(size + pad - start, dilation) : 0;
  return (window_range){first < kernel ? first : kernel, end < kernel ? end : kernel};
}

// One output pixel: where it is, and the places of its window that fall inside the image.
typedef struct {
  size_t row, column;
  window_range rows, columns;
} pool_window;

// The element of an image that place (u, v) of a window starts at.
INLINE size_t place_at(const ck_pool2d *p, const pool_window *w, size_t u, size_t v) {
  return ((w->row * p->stride_height + u * p->dilation_height - p->pad_top) * p->width +
          w->column * p->stride_width + v * p->dilation_width - p->pad_left) *
         p->channels;
}

INLINE vecf larger(vecf a, vecf b) {
  return either((a > b) | (a != a), a, b);
}

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

INLINE void largest_of(const int bytes, size_t n, const void *const at[4], void *out) {
  if (bytes)
    u8_largest(n, (const uint8_t *const *)at, out);
  else
    f32_largest(n, (const float *const *)at, out);
}

// Four places at a time; those that are missing repeat another. From the second time on the first is the result so far.
INLINE void max_window(const int bytes, const ck_pool2d *p, const pool_window *w, const char *x, char *out) {
  const size_t size = bytes ? 1 : sizeof(float), n = p->channels;
  const void *at[4];
  if (w->rows.end == w->rows.first + 2 && w->columns.end == w->columns.first + 2) {
    const char *first = x + place_at(p, w, w->rows.first, w->columns.first) * size;
    const size_t right = p->dilation_width * n * size, below = p->dilation_height * p->width * n * size;
    at[0] = first, at[1] = first + right, at[2] = first + below, at[3] = first + below + right;
    largest_of(bytes, n, at, out);
    return;
  }
  size_t found = 0;
  for (size_t u = w->rows.first; u < w->rows.end; u++)
    for (size_t v = w->columns.first; v < w->columns.end; v++) {
      at[found++] = x + place_at(p, w, u, v) * size;
      if (found < 4) continue;
      largest_of(bytes, n, at, out);
      at[0] = out;
      found = 1;
    }
  if (found == 0) {
    if (bytes)
      memset(out, 0, n);
    else
      for (size_t i = 0; i < n; i++) ((float *)out)[i] = -INFINITY;
  }
  if (found == 0 || (found == 1 && at[0] == out)) return;
  for (size_t f = found; f < 4; f++) at[f] = at[0];
  largest_of(bytes, n, at, out);
}

// Window places inside the padded image, which a window of a rounded-up output may leave.
INLINE size_t padded_places(size_t at, size_t stride, size_t dilation, size_t kernel, size_t padded) {
  size_t start = at * stride;
  size_t end = padded > start ? steps_to(padded - start, dilation) : 0;
  return end < kernel ? end : kernel;
}

INLINE void average_window(const ck_pool2d *p, const pool_window *w, const float *x, float *out) {
  const size_t n = p->channels;
  memset(out, 0, n * sizeof(float));
  if (w->rows.end <= w->rows.first || w->columns.end <= w->columns.first) return;
  size_t places = (w->rows.end - w->rows.first) * (w->columns.end - w->columns.first);
  for (size_t u = w->rows.first; u < w->rows.end; u++)
    for (size_t v = w->columns.first; v < w->columns.end; v++) {
      const float *place = x + place_at(p, w, u, v);
      INDEPENDENT for (size_t i = 0; i < n; i++) out[i] += place[i];
    }
  if (p->count_include_pad)
    places = padded_places(w->row, p->stride_height, p->dilation_height, p->kernel_height,
                           p->height + p->pad_top + p->pad_bottom) *
             padded_places(w->column, p->stride_width, p->dilation_width, p->kernel_width,
                           p->width + p->pad_left + p->pad_right);
  const float divisor = (float)places;
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = out[i] / divisor;
}

typedef enum { max_floats, max_bytes, average_floats } pool_kind;

INLINE void pool_images(const pool_kind kind, const ck_pool2d *given, const void *x, void *out) {
  const size_t size = kind == max_bytes ? 1 : sizeof(float);
  // Sizes in a copy, which the results written cannot change.
  const ck_pool2d sizes = *given, *const p = &sizes;
  const char *image = x;
  char *to = out;
  for (size_t b = 0; b < p->batch; b++, image += p->height * p->width * p->channels * size)
    for (size_t row = 0; row < p->out_height; row++) {
      const window_range rows =
          range_inside(row, p->stride_height, p->pad_top, p->dilation_height, p->kernel_height, p->height);
      for (size_t column = 0; column < p->out_width; column++, to += p->channels * size) {
        const window_range columns =
            range_inside(column, p->stride_width, p->pad_left, p->dilation_width, p->kernel_width, p->width);
        const pool_window w = {row, column, rows, columns};
        if (kind == average_floats)
          average_window(p, &w, (const float *)image, (float *)to);
        else
          max_window(kind == max_bytes, p, &w, image, to);
      }
    }
}

KERNEL(f32_max_pool_nhwc)(const ck_pool2d *pool, const float *x, float *out) { pool_images(max_floats, pool, x, out); }
KERNEL(u8_max_pool_nhwc)(const ck_pool2d *pool, const uint8_t *x, uint8_t *out) { pool_images(max_bytes, pool, x, out); }
KERNEL(f32_average_pool_nhwc)(const ck_pool2d *pool, const float *x, float *out) {
  pool_images(average_floats, pool, x, out);
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
