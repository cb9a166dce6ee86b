// Elementwise kernels: two operands by rows, and activations.

#define PAIR(op)                                                                                            \
  KERNEL(f32_##op##_vv)                                                                                     \
  (size_t rows, size_t n, const float *a, size_t a_stride, const float *b, size_t b_stride, float *out) {   \
    for (size_t r = 0; r < rows; r++, a += a_stride, b += b_stride, out += n) {                             \
      INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = op##_f32(a[i], b[i]);                             \
    }                                                                                                       \
  }                                                                                                         \
  KERNEL(f32_##op##_vs)                                                                                     \
  (size_t rows, size_t n, const float *a, size_t a_stride, const float *b, size_t b_stride, float *out) {   \
    for (size_t r = 0; r < rows; r++, a += a_stride, b += b_stride, out += n) {                             \
      float s = *b;                                                                                         \
      INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = op##_f32(a[i], s);                                \
    }                                                                                                       \
  }                                                                                                         \
  KERNEL(f32_##op##_sv)                                                                                     \
  (size_t rows, size_t n, const float *a, size_t a_stride, const float *b, size_t b_stride, float *out) {   \
    for (size_t r = 0; r < rows; r++, a += a_stride, b += b_stride, out += n) {                             \
      float s = *a;                                                                                         \
      INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = op##_f32(s, b[i]);                                \
    }                                                                                                       \
  }

PAIR(add)
PAIR(sub)
PAIR(mul)
PAIR(div)
PAIR(max)
PAIR(min)
#undef PAIR

#define EACH(name, expression)                                       \
  KERNEL(name)(size_t n, const float *x, float *out) {               \
    INDEPENDENT for (size_t i = 0; i < n; i++) {                     \
      float v = x[i];                                                \
      out[i] = (expression);                                         \
    }                                                                \
  }

EACH(f32_relu, v < 0.0f ? 0.0f : v)
EACH(f32_exp, exp_f32(v))
EACH(f32_erf, erf_f32(v))
EACH(f32_tanh, tanh_f32(v))
EACH(f32_sigmoid, sigmoid_f32(v))
EACH(f32_silu, v / (1.0f + exp_f32(-v)))
EACH(f32_gelu_erf, gelu_f32(v))
EACH(f32_gelu_tanh, 0.5f * v * (1.0f + tanh_f32(0.797884561f * (v + 0.044715f * v * v * v))))
EACH(f32_hard_swish, v * clip_f32(v * (1.0f / 6.0f) + 0.5f, 0.0f, 1.0f))
EACH(f32_sqrt, __builtin_elementwise_sqrt(v))
#undef EACH

KERNEL(f32_clip)(size_t n, const float *x, float low, float high, float *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = clip_f32(x[i], low, high);
}

KERNEL(f32_leaky_relu)(size_t n, const float *x, float alpha, float *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) {
    float v = x[i];
    out[i] = v < 0.0f ? v * alpha : v;
  }
}

KERNEL(f32_hard_sigmoid)(size_t n, const float *x, float alpha, float beta, float *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = clip_f32(x[i] * alpha + beta, 0.0f, 1.0f);
}

KERNEL(f32_affine)(size_t n, const float *x, float scale, float offset, float *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = x[i] * scale + offset;
}
