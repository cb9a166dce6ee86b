// Row-wise kernels. Sums run in one accumulator per lane, which is both fast and more exact than one in all.

// Halves onto each other: few operations wait for one another.
INLINE float sum_lanes(vecf v) {
  vec4 part[LANES / 4];
  memcpy(part, &v, sizeof v);
  vec4 s = part[0];
  for (int i = 1; i < LANES / 4; i++) s += part[i];
  s += __builtin_shufflevector(s, s, 2, 3, 2, 3);
  return s[0] + s[1];
}

/// The largest lane; a NaN may or may not win here.
INLINE float peak_lanes(vecf v) {
  vec4 part[LANES / 4];
  memcpy(part, &v, sizeof v);
  vec4 s = part[0];
  for (int i = 1; i < LANES / 4; i++) s = __builtin_elementwise_max(s, part[i]);
  s = __builtin_elementwise_max(s, __builtin_shufflevector(s, s, 2, 3, 2, 3));
  return s[0] > s[1] ? s[0] : s[1];
}

INLINE float row_sum(const float *x, size_t n) {
  vecf a = {0}, b = {0};
  size_t i = 0;
  for (; i + 2 * LANES <= n; i += 2 * LANES) {
    a += load(x + i);
    b += load(x + i + LANES);
  }
  float s = sum_lanes(a + b);
  for (; i < n; i++) s += x[i];
  return s;
}

/// Sum of (x - centre)^2.
INLINE float row_squares(const float *x, size_t n, float centre) {
  vecf a = {0}, b = {0};
  size_t i = 0;
  for (; i + 2 * LANES <= n; i += 2 * LANES) {
    vecf u = load(x + i) - centre, v = load(x + i + LANES) - centre;
    a += u * u;
    b += v * v;
  }
  float s = sum_lanes(a + b);
  for (; i < n; i++) s += (x[i] - centre) * (x[i] - centre);
  return s;
}

/// The largest value; a NaN may or may not win here.
INLINE float row_peak(const float *x, size_t n) {
  float peak = -INFINITY;
  size_t i = 0;
  if (n >= LANES) {
    vecf a = load(x);
    for (i = LANES; i + LANES <= n; i += LANES) a = __builtin_elementwise_max(a, load(x + i));
    peak = peak_lanes(a);
  }
  for (; i < n; i++) peak = x[i] > peak ? x[i] : peak;
  return peak;
}

// Rows below this run together: one loop of powers over many rows, since a loop over each would be mostly its ends.
#define SHORT_ROW 32
#define SHORT_BLOCK 2048

KERNEL(f32_softmax_rows)(size_t rows, size_t n, const float *x, float *out) {
  if (n > 0 && n < SHORT_ROW) {
    for (size_t first = 0; first < rows; first += SHORT_BLOCK / n) {
      size_t count = rows - first < SHORT_BLOCK / n ? rows - first : SHORT_BLOCK / n;
      const float *from = x + first * n;
      float *to = out + first * n;
      for (size_t r = 0; r < count; r++) {
        float peak = from[r * n];
        for (size_t i = 1; i < n; i++) peak = from[r * n + i] > peak ? from[r * n + i] : peak;
        for (size_t i = 0; i < n; i++) to[r * n + i] = from[r * n + i] - peak;
      }
      INDEPENDENT for (size_t i = 0; i < count * n; i++) to[i] = weight_f32(to[i]);
      for (size_t r = 0; r < count; r++) {
        float sum = 0.0f;
        for (size_t i = 0; i < n; i++) sum += to[r * n + i];
        for (size_t i = 0; i < n; i++) to[r * n + i] = to[r * n + i] / sum;
      }
    }
    return;
  }
  for (size_t r = 0; r < rows; r++, x += n, out += n) {
    float peak = row_peak(x, n);
    INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = weight_f32(x[i] - peak);
    float sum = row_sum(out, n);
    INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = out[i] / sum;
  }
}

#undef SHORT_ROW
#undef SHORT_BLOCK

KERNEL(f32_log_softmax_rows)(size_t rows, size_t n, const float *x, float *out) {
  for (size_t r = 0; r < rows; r++, x += n, out += n) {
    float peak = row_peak(x, n);
    vecf acc = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
      float e[LANES];
      for (int j = 0; j < LANES; j++) e[j] = weight_f32(x[i + j] - peak);
      acc += load(e);
    }
    float sum = sum_lanes(acc);
    for (; i < n; i++) sum += weight_f32(x[i] - peak);
    float shift = logf(sum);
    INDEPENDENT for (size_t j = 0; j < n; j++) out[j] = x[j] - peak - shift;
  }
}

INLINE void scale_row(size_t n, const float *x, float centre, float scale, const float *gamma, const float *beta,
                      float *out) {
  if (gamma && beta) {
    INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = (x[i] - centre) * scale * gamma[i] + beta[i];
  } else if (gamma) {
    INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = (x[i] - centre) * scale * gamma[i];
  } else if (beta) {
    INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = (x[i] - centre) * scale + beta[i];
  } else {
    INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = (x[i] - centre) * scale;
  }
}

KERNEL(f32_layer_norm_rows)
(size_t rows, size_t n, const float *x, const float *gamma, const float *beta, float epsilon, float *out) {
  for (size_t r = 0; r < rows; r++, x += n, out += n) {
    float mean = row_sum(x, n) / (float)n;
    float variance = row_squares(x, n, mean) / (float)n;
    scale_row(n, x, mean, 1.0f / __builtin_elementwise_sqrt(variance + epsilon), gamma, beta, out);
  }
}

KERNEL(f32_rms_norm_rows)
(size_t rows, size_t n, const float *x, const float *gamma, float epsilon, float *out) {
  for (size_t r = 0; r < rows; r++, x += n, out += n) {
    float mean = row_squares(x, n, 0.0f) / (float)n;
    scale_row(n, x, 0.0f, 1.0f / __builtin_elementwise_sqrt(mean + epsilon), gamma, NULL, out);
  }
}

KERNEL(f32_sum_rows)(size_t rows, size_t n, const float *x, float *out) {
  for (size_t r = 0; r < rows; r++) out[r] = row_sum(x + r * n, n);
}

KERNEL(f32_mean_rows)(size_t rows, size_t n, const float *x, float *out) {
  for (size_t r = 0; r < rows; r++) out[r] = n ? row_sum(x + r * n, n) / (float)n : 0.0f;
}

INLINE int row_has_nan(const float *x, size_t n) {
  int32_t found = 0;
  for (size_t i = 0; i < n; i++) found |= x[i] != x[i];
  return found;
}

KERNEL(f32_max_rows)(size_t rows, size_t n, const float *x, float *out) {
  for (size_t r = 0; r < rows; r++, x += n) out[r] = row_has_nan(x, n) ? NAN : row_peak(x, n);
}

KERNEL(f32_argmax_rows)(size_t rows, size_t n, const float *x, int64_t *out) {
  for (size_t r = 0; r < rows; r++, x += n) {
    int64_t best = -1;
    if (row_has_nan(x, n)) {
      for (best = 0; x[best] == x[best];) best++;
    } else if (n > 0) {
      float peak = row_peak(x, n);
      for (best = 0; x[best] != peak;) best++;
    }
    out[r] = best;
  }
}
