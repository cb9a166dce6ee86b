// Packed weights, written once for every vector width. The including file defines the vector type:
//   CK_TARGET, CK_LANES, VI, VF, vi_load, vi_store, vi_set, vi_and, vi_or, vi_left, vi_right, vb_sub,
//   vf_zero, vf_set, vf_load, vf_store, vf_float, vf_add, vf_mul, vf_fma, vf_fms, vf_among16 and vf_among256 (entries
//   of a table by lanes' lowest 4 or 8 bits), CK_KERNEL(name) -> name with its level, CK_GEMV(name) -> likewise, and
//   ck_finish_tile.
//
// Layout. A panel is a run of groups; a group is 1, 3 or 5 planes of CK_PANEL 32-bit words, one word per output. Every
// width unpacks to `quads`: words whose four bytes are the codes of four consecutive k.
//   8, 4, 2, 1 bits  one plane of b bits; code k = 4 s + i of the group lies at bit 8 i + b s
//   5 = 4 + 1 bits   four planes of 4 bits (k 0...7, ..., 24...31), one of 1 bit (k 0...31)
//   6 = 4 + 2 bits   two planes of 4 bits (k 0...7, 8...15), one of 2 bits (k 0...15)
//   3 = 2 + 1 bits   two planes of 2 bits (k 0...15, 16...31), one of 1 bit (k 0...31)
// Codes are unsigned (single bits 0 and 2); signs and zero points live in `zero`.

typedef struct {
  VI plane[5];
} ck_group;

#define CK_DEPTH_q8 4
#define CK_DEPTH_q6 16
#define CK_DEPTH_q5 32
#define CK_DEPTH_q4 8
#define CK_DEPTH_n8 4
#define CK_DEPTH_n4 8
#define CK_DEPTH_q3 32
#define CK_DEPTH_q2 16
#define CK_DEPTH_q1 32
#define CK_PLANES_q8 1
#define CK_PLANES_q6 3
#define CK_PLANES_q5 5
#define CK_PLANES_q4 1
#define CK_PLANES_n8 1
#define CK_PLANES_n4 1
#define CK_PLANES_q3 3
#define CK_PLANES_q2 1
#define CK_PLANES_q1 1

CK_TARGET CK_INLINE ck_group load_group(const int planes, const uint32_t *words) {
  ck_group g;
  CK_UNROLL for (int i = 0; i < planes; i++) g.plane[i] = vi_load(words + i * CK_PANEL);
  return g;
}

CK_TARGET CK_INLINE VI quad_q8(ck_group *g, const int s) { return (void)s, g->plane[0]; }
CK_TARGET CK_INLINE VI quad_q4(ck_group *g, const int s) {
  return vi_and(vi_right(g->plane[0], 4 * s), vi_set(0x0f0f0f0fu));
}
CK_TARGET CK_INLINE VI quad_q2(ck_group *g, const int s) {
  return vi_and(vi_right(g->plane[0], 2 * s), vi_set(0x03030303u));
}
CK_TARGET CK_INLINE VI quad_q1(ck_group *g, const int s) {
  // A bit counts 2, so that codes -1 and +1 are whole numbers apart from a whole zero.
  return vi_and(s ? vi_right(g->plane[0], s - 1) : vi_left(g->plane[0], 1), vi_set(0x02020202u));
}
CK_TARGET CK_INLINE VI quad_q6(ck_group *g, const int s) {
  VI low = vi_and(vi_right(g->plane[s / 2], 4 * (s % 2)), vi_set(0x0f0f0f0fu));
  VI high = s < 2 ? vi_left(g->plane[2], 4 - 2 * s) : vi_right(g->plane[2], 2 * s - 4);
  return vi_or(low, vi_and(high, vi_set(0x30303030u)));
}
CK_TARGET CK_INLINE VI quad_q5(ck_group *g, const int s) {
  VI low = vi_and(vi_right(g->plane[s / 2], 4 * (s % 2)), vi_set(0x0f0f0f0fu));
  VI high = s < 4 ? vi_left(g->plane[4], 4 - s) : vi_right(g->plane[4], s - 4);
  return vi_or(low, vi_and(high, vi_set(0x10101010u)));
}
CK_TARGET CK_INLINE VI quad_q3(ck_group *g, const int s) {
  VI low = vi_and(vi_right(g->plane[s / 4], 2 * (s % 4)), vi_set(0x03030303u));
  VI high = s < 2 ? vi_left(g->plane[2], 2 - s) : vi_right(g->plane[2], s - 2);
  return vi_or(low, vi_and(high, vi_set(0x04040404u)));
}
#define quad_n8 quad_q8
#define quad_n4 quad_q4

/// Code i of each quad as a float, times 256^i for i = 1, 2: x is scaled the other way.
CK_TARGET CK_INLINE VF scaled_code(VI quad, const int i) {
  return vf_float(i == 3 ? vi_right(quad, 24) : vi_and(quad, vi_set(0xffu << (8 * i))));
}

// How code i of a quad becomes a float, and what is left to multiply it by.
#define CK_CODE_q(quad, i, levels) ((void)(levels), scaled_code(quad, i))
#define CK_CODE_n8(quad, i, levels) vf_among256(levels, (i) ? vi_right(quad, 8 * (i)) : (quad))
#define CK_CODE_n4(quad, i, levels) vf_among16(levels, (i) ? vi_right(quad, 8 * (i)) : (quad))
#define CK_DOWN_q(i) ((i) == 1 ? 0x1p-8f : (i) == 2 ? 0x1p-16f : 1)
#define CK_DOWN_n8(i) 1
#define CK_DOWN_n4(i) 1

// Words fetched ahead: weights mostly come from memory. From half to twice this makes little difference.
#define CK_AHEAD 1024

#define CK_HALVES (CK_PANEL / CK_LANES)

#define CK_DEFINE_FLOAT(q, code_of, down_of)                                                                  \
  CK_TARGET CK_INLINE void q##_rows(const int rows, const int chains, size_t nr, size_t groups,               \
                                    const uint32_t *words, const float *x, size_t ldx,                        \
                                    const ck_packed_side *side, const float *row_sums, float *c, size_t ldc,  \
                                    const ck_f32_store *store) {                                              \
    VF total[4][CK_HALVES];                                                                                   \
    CK_UNROLL for (int r = 0; r < rows; r++)                                                                  \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) total[r][h] = vf_zero();                                  \
    for (size_t block = 0; block < side->blocks; block++) {                                                   \
      VF sum[4][4][CK_HALVES];                                                                                \
      CK_UNROLL for (int j = 0; j < chains; j++)                                                              \
        CK_UNROLL for (int r = 0; r < rows; r++)                                                              \
          CK_UNROLL for (int h = 0; h < CK_HALVES; h++) sum[j][r][h] = vf_zero();                             \
      const size_t count = groups < side->groups ? groups : side->groups;                                     \
      groups -= count;                                                                                        \
      for (size_t g = 0; g < count; g++) {                                                                    \
        ck_group group[CK_HALVES];                                                                            \
        CK_UNROLL for (int i = 0; i < CK_PLANES_##q; i++) __builtin_prefetch(words + i * CK_PANEL + CK_AHEAD);\
        CK_UNROLL for (int h = 0; h < CK_HALVES; h++)                                                         \
          group[h] = load_group(CK_PLANES_##q, words + CK_LANES * h);                                         \
        CK_UNROLL for (int s = 0; s < CK_DEPTH_##q / 4; s++) {                                                \
          VI quad[CK_HALVES];                                                                                 \
          CK_UNROLL for (int h = 0; h < CK_HALVES; h++) quad[h] = quad_##q(&group[h], s);                     \
          CK_UNROLL for (int i = 0; i < 4; i++) {                                                             \
            VF code[CK_HALVES];                                                                               \
            CK_UNROLL for (int h = 0; h < CK_HALVES; h++) code[h] = code_of(quad[h], i, side->levels);        \
            CK_UNROLL for (int r = 0; r < rows; r++) {                                                        \
              const VF value = vf_set(x[(size_t)r * ldx + (size_t)(4 * s + i)]);                              \
              CK_UNROLL for (int h = 0; h < CK_HALVES; h++)                                                   \
                sum[i % chains][r][h] = vf_fma(code[h], value, sum[i % chains][r][h]);                        \
            }                                                                                                 \
          }                                                                                                   \
        }                                                                                                     \
        words += CK_PLANES_##q * CK_PANEL;                                                                    \
        x += CK_DEPTH_##q;                                                                                    \
      }                                                                                                       \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {                                                         \
        const VF zero = vf_load(side->zero + block * CK_PANEL + CK_LANES * h);                                \
        const VF scale = vf_load(side->scale + block * CK_PANEL + CK_LANES * h);                              \
        CK_UNROLL for (int r = 0; r < rows; r++) {                                                            \
          CK_UNROLL for (int j = 1; j < chains; j++) sum[0][r][h] = vf_add(sum[0][r][h], sum[j][r][h]);       \
          const VF shift = vf_set(-row_sums[(size_t)r * side->blocks + block]);                               \
          total[r][h] = vf_fma(vf_fma(zero, shift, sum[0][r][h]), scale, total[r][h]);                        \
        }                                                                                                     \
      }                                                                                                       \
    }                                                                                                         \
    ck_finish_tile(rows, nr, total, c, ldc, store);                                                           \
  }                                                                                                           \
  CK_TARGET void CK_GEMV(q##_gemv)(size_t rows, size_t nr, size_t groups, const uint32_t *words,              \
                                   const float *x, size_t ldx, const ck_packed_side *side,                    \
                                   const float *row_sums, float *c, size_t ldc, const ck_f32_store *store) {  \
    switch (rows) {                                                                                           \
      case 1: q##_rows(1, 4, nr, groups, words, x, ldx, side, row_sums, c, ldc, store); break;                \
      case 2: q##_rows(2, 2, nr, groups, words, x, ldx, side, row_sums, c, ldc, store); break;                \
      case 3: q##_rows(3, 1, nr, groups, words, x, ldx, side, row_sums, c, ldc, store); break;                \
      case 4: q##_rows(4, 1, nr, groups, words, x, ldx, side, row_sums, c, ldc, store); break;                \
      default: break;                                                                                         \
    }                                                                                                         \
  }                                                                                                           \
  CK_TARGET void CK_KERNEL(q##_unpack)(size_t groups, const uint32_t *words, const ck_packed_side *side,      \
                                       float *out) {                                                          \
    for (size_t g = 0; g < groups; g++) {                                                                     \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {                                                         \
        const VF zero = vf_load(side->zero + CK_LANES * h), scale = vf_load(side->scale + CK_LANES * h);      \
        ck_group group = load_group(CK_PLANES_##q, words + CK_LANES * h);                                     \
        CK_UNROLL for (int s = 0; s < CK_DEPTH_##q / 4; s++) {                                                \
          VI quad = quad_##q(&group, s);                                                                      \
          CK_UNROLL for (int i = 0; i < 4; i++) {                                                             \
            const VF code = vf_fms(code_of(quad, i, side->levels), vf_set(down_of(i)), zero);                 \
            vf_store(out + (4 * s + i) * CK_PANEL + CK_LANES * h, vf_mul(code, scale));                       \
          }                                                                                                   \
        }                                                                                                     \
      }                                                                                                       \
      words += CK_PLANES_##q * CK_PANEL;                                                                      \
      out += CK_DEPTH_##q * CK_PANEL;                                                                         \
    }                                                                                                         \
  }

#define CK_DEFINE_PACKED(q)                                                                                   \
  CK_DEFINE_FLOAT(q, CK_CODE_q, CK_DOWN_q)                                                                    \
  CK_TARGET void CK_KERNEL(q##_quads)(size_t groups, const uint32_t *words, int8_t minus, int8_t *out) {      \
    for (size_t g = 0; g < groups; g++) {                                                                     \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {                                                         \
        ck_group group = load_group(CK_PLANES_##q, words + CK_LANES * h);                                     \
        CK_UNROLL for (int s = 0; s < CK_DEPTH_##q / 4; s++)                                                  \
          vi_store(out + s * 4 * CK_PANEL + 4 * CK_LANES * h, vb_sub(quad_##q(&group, s), minus));                        \
      }                                                                                                       \
      words += CK_PLANES_##q * CK_PANEL;                                                                      \
      out += CK_DEPTH_##q * CK_PANEL;                                                                         \
    }                                                                                                         \
  }

CK_DEFINE_FLOAT(q8, CK_CODE_q, CK_DOWN_q)
CK_DEFINE_PACKED(q6)
CK_DEFINE_PACKED(q5)
CK_DEFINE_PACKED(q4)
CK_DEFINE_PACKED(q3)
CK_DEFINE_PACKED(q2)
CK_DEFINE_PACKED(q1)
CK_DEFINE_FLOAT(n8, CK_CODE_n8, CK_DOWN_n8)
CK_DEFINE_FLOAT(n4, CK_CODE_n4, CK_DOWN_n4)
