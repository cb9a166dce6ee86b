// Packed weights times one row in fixed point, written once for every width with byte products. The including file
// has included packed_template.h and defines
//   CK_FIXED(name) -> name with its tile and level
//   vs_dot, vs_add   products of unsigned and signed bytes summed by pairs to 16 bits; sums of 16 bits
//   vs_pairs         neighbouring 16-bit numbers added to 32
//   vi_add, vb_among16(table, at): bytes of a table of 16 by bytes' lowest 4 bits
//
// Three byte products of 32 weights take the place of four conversions and four multiplications of 8 floats each.

/// Quads whose products fit 16 bits: quads * 2 * 128 * largest code < 2^15.
CK_INLINE int run_of(const packed_code code) {
  switch (code) {
    case q6: return 2;
    case q5: case n4: return 4;
    case q4: return 8;
    case q3: return 18;
    case q2: return 42;
    case q1: return 64;
    case q8: case n8: return 1;
  }
}

/// Groups whose values share a step.
CK_INLINE int groups_of_span(const packed_code code) { return CK_FIXED_DEPTH / depth_of(code); }

/// Sums of products with each limb: `narrow` in 16 bits, `wide` in 32.
typedef struct {
  VI narrow[3][CK_HALVES], wide[3][CK_HALVES];
} limb_sums;

/// One group, the `at`-th of its span.
CK_TARGET CK_INLINE void add_limbs(const packed_code code, const size_t at, const uint32_t *words,
                                   const int32_t *limbs, const ck_packed_side *side, limb_sums *sums) {
  ck_group group[CK_HALVES];
  load_groups(code, words, group);
  CK_UNROLL for (int s = 0; s < depth_of(code) / 4; s++) {
    VI quad[CK_HALVES];
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {
      quad[h] = quad_of(code, &group[h], s);
      if (code == n4) quad[h] = vb_among16(side->steps, quad[h]);
    }
    CK_UNROLL for (int l = 0; l < 3; l++) {
      const VI x = vi_set((uint32_t)limbs[3 * s + l]);
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++)
        sums->narrow[l][h] = vs_add(sums->narrow[l][h], vs_dot(quad[h], x));
    }
    // In this order: else all quads of a span are made first, and spilled.
    CK_UNROLL for (int l = 0; l < 3; l++)
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) vi_pin(sums->narrow[l][h]);
    if ((at * (size_t)(depth_of(code) / 4) + (size_t)s + 1) % (size_t)run_of(code) == 0)
      CK_UNROLL for (int l = 0; l < 3; l++)
        CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {
          sums->wide[l][h] = vi_add(sums->wide[l][h], vs_pairs(sums->narrow[l][h]));
          sums->narrow[l][h] = vi_set(0);
        }
  }
}

/// Adds `count` groups that share a step; `whole` where they are all of a span.
CK_TARGET CK_INLINE void add_span(const packed_code code, const int whole, size_t count, const uint32_t *words,
                                  const int32_t *limbs, const float *steps, const ck_packed_side *side, VF *sum) {
  const size_t group_words = (size_t)planes_of(code) * CK_PANEL, group_limbs = 3 * (size_t)(depth_of(code) / 4);
  limb_sums sums;
  CK_UNROLL for (int l = 0; l < 3; l++)
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) sums.wide[l][h] = sums.narrow[l][h] = vi_set(0);
  if (whole) {
    CK_UNROLL for (size_t g = 0; g < (size_t)groups_of_span(code); g++)
      add_limbs(code, g, words + g * group_words, limbs + g * group_limbs, side, &sums);
  } else {
    for (size_t g = 0; g < count; g++)
      add_limbs(code, g, words + g * group_words, limbs + g * group_limbs, side, &sums);
  }
  CK_UNROLL for (int l = 0; l < 3; l++)
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {
      const VI all = vi_add(sums.wide[l][h], vs_pairs(sums.narrow[l][h]));
      sum[h] = vf_fma(vf_float(all), vf_set(steps[l]), sum[h]);
    }
}

CK_TARGET CK_INLINE void fixed(const packed_code code, size_t nr, size_t groups, const uint32_t *words,
                               const int32_t *limbs, const float *steps, const ck_packed_side *side,
                               const float *block_sums, float *c, const ck_f32_store *store) {
  const size_t group_words = (size_t)planes_of(code) * CK_PANEL, group_limbs = 3 * (size_t)(depth_of(code) / 4);
  const size_t span = (size_t)groups_of_span(code);
  VF total[4][CK_HALVES];
  CK_UNROLL for (int h = 0; h < CK_HALVES; h++) total[0][h] = vf_zero();
  for (size_t block = 0; block < side->blocks; block++) {
    const size_t count = groups < side->groups ? groups : side->groups;
    groups -= count;
    VF sum[CK_HALVES];
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) sum[h] = vf_zero();
    size_t g = 0;
    for (; g + span <= count; g += span) {
      add_span(code, 1, span, words, limbs, steps, side, sum);
      words += span * group_words;
      limbs += span * group_limbs;
      steps += 3;
    }
    if (g < count) {
      add_span(code, 0, count - g, words, limbs, steps, side, sum);
      words += (count - g) * group_words;
      limbs += (count - g) * group_limbs;
      steps += 3;
    }
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {
      const VF zero = vf_load(side->zero + block * CK_PANEL + CK_LANES * h);
      const VF scale = vf_load(side->scale + block * CK_PANEL + CK_LANES * h);
      total[0][h] = vf_fma(vf_fma(zero, vf_set(-block_sums[block]), sum[h]), scale, total[0][h]);
    }
  }
  ck_finish_tile(1, nr, total, c, 0, store);
}

#define CK_FIXED_OF(q)                                                                                            \
  CK_TARGET void CK_FIXED(q##_fixed)(size_t nr, size_t groups, const uint32_t *words, const int32_t *limbs,       \
                                     const float *steps, const ck_packed_side *side, const float *block_sums,     \
                                     float *c, const ck_f32_store *store) {                                       \
    fixed(q, nr, groups, words, limbs, steps, side, block_sums, c, store);                                        \
  }
CK_FIXED_OF(q6)
CK_FIXED_OF(q5)
CK_FIXED_OF(q4)
CK_FIXED_OF(n4)
CK_FIXED_OF(q3)
CK_FIXED_OF(q2)
CK_FIXED_OF(q1)
