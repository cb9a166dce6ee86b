// Packed weights times one row in fixed point, written once for every width with byte products. The including file
// has included packed_template.h and defines
//   CK_FIXED(name) -> name with its tile and level
//   vs_dot, vs_add   products of unsigned and signed bytes summed by pairs to 16 bits; sums of 16 bits
//   vs_pairs         neighbouring 16-bit numbers added to 32
//   vi_add, vb_among16(table, at): bytes of a table of 16 by bytes' lowest 4 bits
//
// Three byte products of 32 weights take the place of four conversions and four multiplications of 8 floats each.

// Quads whose products fit 16 bits: quads * 2 * 128 * largest code < 2^15.
#define CK_RUN_q6 2
#define CK_RUN_q5 4
#define CK_RUN_q4 8
#define CK_RUN_n4 4
#define CK_RUN_q3 18
#define CK_RUN_q2 42
#define CK_RUN_q1 64

#define CK_SPAN(q) (CK_FIXED_DEPTH_##q / CK_DEPTH_##q)

#define CK_BYTES_q(quad, side) (quad)
#define CK_BYTES_n4(quad, side) vb_among16((side)->steps, quad)

#define CK_DEFINE_FIXED(q, bytes_of)                                                                          \
  CK_TARGET CK_INLINE void q##_group(const size_t at, const uint32_t *words, const int32_t *limbs,            \
                                     const ck_packed_side *side, VI narrow[3][CK_HALVES],                     \
                                     VI wide[3][CK_HALVES]) {                                                 \
    (void)side;                                                                                               \
    ck_group group[CK_HALVES];                                                                                \
    CK_UNROLL for (int i = 0; i < CK_PLANES_##q; i++) __builtin_prefetch(words + i * CK_PANEL + CK_AHEAD);    \
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) group[h] = load_group(CK_PLANES_##q, words + CK_LANES * h); \
    CK_UNROLL for (int s = 0; s < CK_DEPTH_##q / 4; s++) {                                                    \
      VI quad[CK_HALVES];                                                                                     \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) quad[h] = bytes_of(quad_##q(&group[h], s), side);         \
      CK_UNROLL for (int l = 0; l < 3; l++) {                                                                 \
        const VI x = vi_set((uint32_t)limbs[3 * s + l]);                                                      \
        CK_UNROLL for (int h = 0; h < CK_HALVES; h++)                                                         \
          narrow[l][h] = vs_add(narrow[l][h], vs_dot(quad[h], x));                                            \
      }                                                                                                       \
      /* In this order: else all quads of a span are made first, and spilled. */                              \
      CK_UNROLL for (int l = 0; l < 3; l++)                                                                   \
        CK_UNROLL for (int h = 0; h < CK_HALVES; h++) vi_pin(narrow[l][h]);                                   \
      if ((at * (CK_DEPTH_##q / 4) + (size_t)s + 1) % CK_RUN_##q == 0)                                        \
        CK_UNROLL for (int l = 0; l < 3; l++)                                                                 \
          CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {                                                     \
            wide[l][h] = vi_add(wide[l][h], vs_pairs(narrow[l][h]));                                          \
            narrow[l][h] = vi_set(0);                                                                         \
          }                                                                                                   \
    }                                                                                                         \
  }                                                                                                           \
  CK_TARGET CK_INLINE void q##_span(const int whole, size_t count, const uint32_t *words,                     \
                                    const int32_t *limbs, const float *steps, const ck_packed_side *side,     \
                                    VF *sum) {                                                                \
    VI wide[3][CK_HALVES], narrow[3][CK_HALVES];                                                              \
    CK_UNROLL for (int l = 0; l < 3; l++)                                                                     \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) wide[l][h] = narrow[l][h] = vi_set(0);                    \
    if (whole) {                                                                                              \
      CK_UNROLL for (size_t g = 0; g < CK_SPAN(q); g++)                                                      \
        q##_group(g, words + g * CK_PLANES_##q * CK_PANEL, limbs + g * 3 * (CK_DEPTH_##q / 4), side, narrow,  \
                  wide);                                                                                      \
    } else {                                                                                                  \
      for (size_t g = 0; g < count; g++)                                                                      \
        q##_group(g, words + g * CK_PLANES_##q * CK_PANEL, limbs + g * 3 * (CK_DEPTH_##q / 4), side, narrow,  \
                  wide);                                                                                      \
    }                                                                                                         \
    CK_UNROLL for (int l = 0; l < 3; l++)                                                                     \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {                                                         \
        const VI all = vi_add(wide[l][h], vs_pairs(narrow[l][h]));                                            \
        sum[h] = vf_fma(vf_float(all), vf_set(steps[l]), sum[h]);                                             \
      }                                                                                                       \
  }                                                                                                           \
  CK_TARGET void CK_FIXED(q##_fixed)(size_t nr, size_t groups, const uint32_t *words, const int32_t *limbs,   \
                                     const float *steps, const ck_packed_side *side,                          \
                                     const float *block_sums, float *c, const ck_f32_store *store) {          \
    VF total[4][CK_HALVES];                                                                                   \
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) total[0][h] = vf_zero();                                    \
    for (size_t block = 0; block < side->blocks; block++) {                                                   \
      const size_t count = groups < side->groups ? groups : side->groups;                                     \
      groups -= count;                                                                                        \
      VF sum[CK_HALVES];                                                                                      \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) sum[h] = vf_zero();                                       \
      size_t g = 0;                                                                                           \
      for (; g + CK_SPAN(q) <= count; g += CK_SPAN(q)) {                                                    \
        q##_span(1, CK_SPAN(q), words, limbs, steps, side, sum);                                               \
        words += CK_SPAN(q) * CK_PLANES_##q * CK_PANEL;                                                      \
        limbs += CK_SPAN(q) * 3 * (CK_DEPTH_##q / 4);                                                        \
        steps += 3;                                                                                           \
      }                                                                                                       \
      if (g < count) {                                                                                        \
        q##_span(0, count - g, words, limbs, steps, side, sum);                                                  \
        words += (count - g) * CK_PLANES_##q * CK_PANEL;                                                      \
        limbs += (count - g) * 3 * (CK_DEPTH_##q / 4);                                                        \
        steps += 3;                                                                                           \
      }                                                                                                       \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {                                                         \
        const VF zero = vf_load(side->zero + block * CK_PANEL + CK_LANES * h);                                \
        const VF scale = vf_load(side->scale + block * CK_PANEL + CK_LANES * h);                              \
        total[0][h] = vf_fma(vf_fma(zero, vf_set(-block_sums[block]), sum[h]), scale, total[0][h]);           \
      }                                                                                                       \
    }                                                                                                         \
    ck_finish_tile(1, nr, total, c, 0, store);                                                                \
  }

CK_DEFINE_FIXED(q6, CK_BYTES_q)
CK_DEFINE_FIXED(q5, CK_BYTES_q)
CK_DEFINE_FIXED(q4, CK_BYTES_q)
CK_DEFINE_FIXED(n4, CK_BYTES_n4)
CK_DEFINE_FIXED(q3, CK_BYTES_q)
CK_DEFINE_FIXED(q2, CK_BYTES_q)
CK_DEFINE_FIXED(q1, CK_BYTES_q)

// Most values that share a step.
#define CK_WIDEST_SPAN 32

CK_TARGET int32_t CK_KERNEL(f32_fix)(size_t count, size_t padded, size_t span, const float *x, int32_t *limbs,
                                     float *steps) {
  for (size_t first = 0; first < padded; first += span) {
    const size_t here = padded - first < span ? padded - first : span;
    float v[CK_WIDEST_SPAN] = {0};
    uint32_t largest = 0;
    const size_t given = first >= count ? 0 : count - first < here ? count - first : here;
    __builtin_memcpy(v, x + first, given * sizeof(float));
    for (size_t k = 0; k < CK_WIDEST_SPAN; k++) {
      uint32_t bits;
      __builtin_memcpy(&bits, v + k, 4);
      bits &= 0x7fffffffu;
      largest = bits > largest ? bits : largest;
    }
    // Between 2^-100 and 2^100 everything below stays finite and normal.
    if (largest != 0 && (largest < (27u << 23) || largest >= (227u << 23))) return 0;
    // The largest becomes 2^22 to 2^23, less where its highest limb would pass 127.
    uint32_t exponent = largest >> 23;
    if ((largest & 0x7fffffu) >= 0x7e0000u) exponent += 1;
    const uint32_t up_bits = (254u + 22u - exponent) << 23, down_bits = (exponent - 22u) << 23;
    float up = 0, down = 0;
    if (largest != 0) {
      __builtin_memcpy(&up, &up_bits, 4);
      __builtin_memcpy(&down, &down_bits, 4);
    }
    int8_t bytes[3][CK_WIDEST_SPAN];
    for (size_t k = 0; k < CK_WIDEST_SPAN; k++) {
      const int32_t whole = (int32_t)__builtin_rintf(v[k] * up);
      const int32_t low = (int32_t)((uint32_t)whole << 24) >> 24;
      const int32_t above = (whole - low) >> 8;
      const int32_t middle = (int32_t)((uint32_t)above << 24) >> 24;
      bytes[0][k] = (int8_t)((above - middle) >> 8);
      bytes[1][k] = (int8_t)middle;
      bytes[2][k] = (int8_t)low;
    }
    for (size_t k = 0; k < here; k += 4, limbs += 3)
      for (int l = 0; l < 3; l++) __builtin_memcpy(limbs + l, bytes[l] + k, 4);
    steps[0] = down * 65536;
    steps[1] = down * 256;
    steps[2] = down;
    steps += 3;
  }
  return 1;
}
