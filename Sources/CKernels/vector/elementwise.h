// Elementwise kernels: two operands by rows, and activations.

typedef enum { pair_add, pair_sub, pair_mul, pair_div, pair_max, pair_min } pair_operation;

INLINE float pair_f32(const pair_operation op, float a, float b) {
  switch (op) {
    case pair_add: return a + b;
    case pair_sub: return a - b;
    case pair_mul: return a * b;
    case pair_div: return a / b;
    case pair_max: return max_f32(a, b);
    case pair_min: return min_f32(a, b);
  }
}

// Rows with rows, rows with a value each, values with rows.
INLINE void pair_vv(const pair_operation op, size_t rows, size_t n, const float *a, size_t a_stride, const float *b,
                    size_t b_stride, float *out) {
  for (size_t r = 0; r < rows; r++, a += a_stride, b += b_stride, out += n) {
    INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = pair_f32(op, a[i], b[i]);
  }
}
INLINE void pair_vs(const pair_operation op, size_t rows, size_t n, const float *a, size_t a_stride, const float *b,
                    size_t b_stride, float *out) {
  for (size_t r = 0; r < rows; r++, a += a_stride, b += b_stride, out += n) {
    const float s = *b;
    INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = pair_f32(op, a[i], s);
  }
}
INLINE void pair_sv(const pair_operation op, size_t rows, size_t n, const float *a, size_t a_stride, const float *b,
                    size_t b_stride, float *out) {
  for (size_t r = 0; r < rows; r++, a += a_stride, b += b_stride, out += n) {
    const float s = *a;
    INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = pair_f32(op, s, b[i]);
  }
}

#define PAIR_FORM(op, form)                                                                                          \
  KERNEL(f32_##op##_##form)                                                                                          \
  (size_t rows, size_t n, const float *a, size_t a_stride, const float *b, size_t b_stride, float *out) {            \
    pair_##form(pair_##op, rows, n, a, a_stride, b, b_stride, out);                                                  \
  }
#define PAIR(op) PAIR_FORM(op, vv) PAIR_FORM(op, vs) PAIR_FORM(op, sv)
PAIR(add)
PAIR(sub)
PAIR(mul)
PAIR(div)
PAIR(max)
PAIR(min)
#undef PAIR
#undef PAIR_FORM

INLINE float relu_f32(float v) { return v < 0.0f ? 0.0f : v; }
INLINE float silu_f32(float v) { return v / (1.0f + exp_f32(-v)); }
INLINE float gelu_tanh_f32(float v) {
  return 0.5f * v * (1.0f + tanh_f32(0.797884561f * (v + 0.044715f * v * v * v)));
}
INLINE float hard_swish_f32(float v) { return v * clip_f32(v * (1.0f / 6.0f) + 0.5f, 0.0f, 1.0f); }
INLINE float sqrt_f32(float v) { return __builtin_elementwise_sqrt(v); }

#define EACH(name)                                                                                                   \
  KERNEL(f32_##name)(size_t n, const float *x, float *out) {                                                         \
    INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = name##_f32(x[i]);                                            \
  }
EACH(relu)
EACH(exp)
EACH(erf)
EACH(tanh)
EACH(sigmoid)
EACH(silu)
EACH(mish)
EACH(gelu_erf)
EACH(gelu_tanh)
EACH(hard_swish)
EACH(sqrt)
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

KERNEL(f32_swish)(size_t n, const float *x, float alpha, float *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = x[i] / (1.0f + exp_f32(-alpha * x[i]));
}

KERNEL(f32_softplus)(size_t n, const float *x, float scale, float factor, float *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = factor * softplus_f32(scale * x[i]);
}

KERNEL(f32_affine)(size_t n, const float *x, float scale, float offset, float *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = x[i] * scale + offset;
}
