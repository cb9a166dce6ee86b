// Packed weights, written once for every vector width. The including file defines the vector type:
//   CK_TARGET, CK_LANES, VI, VF, vi_load, vi_store, vi_set, vi_and, vi_or, vi_left, vi_right, vi_triple16,
//   vf_zero, vf_set, vf_load, vf_store, vf_float, vf_add, vf_fma, vf_fms and CK_KERNEL(name) -> name with its level,
//   CK_GEMV(name) -> likewise, and ck_finish_tile.
//
// Layout. A panel is a run of groups; a group is 1 or 3 planes of CK_PANEL 32-bit words, one word per output. Every
// width unpacks to `quads`: words whose four bytes are the codes of four consecutive k.
//   8, 4, 2, 1 bits  one plane of b bits; code k = 4 s + i of the group lies at bit 8 i + b s
//   6 = 4 + 2 bits   two planes of 4 bits (k 0...7, 8...15), one of 2 bits (k 0...15)
//   3 = 2 + 1 bits   two planes of 2 bits (k 0...15, 16...31), one of 1 bit (k 0...31)
//   ternary          byte i is ceil(256 v / 243) for v the value of five trits in base 3, highest first: times 3 and
//                    the carry out of the byte is the next trit; trit s of byte i is code k = 4 s + i
// Codes are unsigned (trits 0...2, single bits 0 and 2); signs and zero points live in `zero`.

typedef struct {
  VI plane[3];
} ck_group;

#define CK_DEPTH_q8 4
#define CK_DEPTH_q6 16
#define CK_DEPTH_q4 8
#define CK_DEPTH_q3 32
#define CK_DEPTH_q2 16
#define CK_DEPTH_qt 20
#define CK_DEPTH_q1 32
#define CK_PLANES_q8 1
#define CK_PLANES_q6 3
#define CK_PLANES_q4 1
#define CK_PLANES_q3 3
#define CK_PLANES_q2 1
#define CK_PLANES_qt 1
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
CK_TARGET CK_INLINE VI quad_q3(ck_group *g, const int s) {
  VI low = vi_and(vi_right(g->plane[s / 4], 2 * (s % 4)), vi_set(0x03030303u));
  VI high = s < 2 ? vi_left(g->plane[2], 2 - s) : vi_right(g->plane[2], s - 2);
  return vi_or(low, vi_and(high, vi_set(0x04040404u)));
}
CK_TARGET CK_INLINE VI quad_qt(ck_group *g, const int s) {
  // plane[1] and plane[2] hold the even and the odd bytes, each alone in 16 bits, between steps.
  VI low = vi_set(0x00ff00ffu);
  if (s == 0) {
    g->plane[1] = vi_and(g->plane[0], low);
    g->plane[2] = vi_and(vi_right(g->plane[0], 8), low);
  }
  VI even = vi_triple16(g->plane[1]), odd = vi_triple16(g->plane[2]);
  g->plane[1] = vi_and(even, low);
  g->plane[2] = vi_and(odd, low);
  return vi_or(vi_and(vi_right(even, 8), vi_set(0x00030003u)), vi_and(odd, vi_set(0x03000300u)));
}

/// Code i of each quad as a float, times 256^i for i = 1, 2: x is scaled the other way.
CK_TARGET CK_INLINE VF scaled_code(VI quad, const int i) {
  return vf_float(i == 3 ? vi_right(quad, 24) : vi_and(quad, vi_set(0xffu << (8 * i))));
}

#define CK_HALVES (CK_PANEL / CK_LANES)

#define CK_DEFINE_PACKED(q)                                                                                   \
  CK_TARGET CK_INLINE void q##_rows(const int rows, const int chains, size_t nr, size_t groups,               \
                                    const uint32_t *words, const float *x, size_t ldx, const float *zero,     \
                                    const float *row_sums, float *c, size_t ldc, const ck_f32_store *store) { \
    VF sum[4][4][CK_HALVES];                                                                                  \
    CK_UNROLL for (int j = 0; j < chains; j++)                                                                \
      CK_UNROLL for (int r = 0; r < rows; r++)                                                                \
        CK_UNROLL for (int h = 0; h < CK_HALVES; h++) sum[j][r][h] = vf_zero();                               \
    for (size_t g = 0; g < groups; g++) {                                                                     \
      ck_group group[CK_HALVES];                                                                              \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++)                                                           \
        group[h] = load_group(CK_PLANES_##q, words + CK_LANES * h);                                           \
      CK_UNROLL for (int s = 0; s < CK_DEPTH_##q / 4; s++) {                                                  \
        VI quad[CK_HALVES];                                                                                   \
        CK_UNROLL for (int h = 0; h < CK_HALVES; h++) quad[h] = quad_##q(&group[h], s);                       \
        CK_UNROLL for (int i = 0; i < 4; i++) {                                                               \
          VF code[CK_HALVES];                                                                                 \
          CK_UNROLL for (int h = 0; h < CK_HALVES; h++) code[h] = scaled_code(quad[h], i);                    \
          CK_UNROLL for (int r = 0; r < rows; r++) {                                                          \
            const VF value = vf_set(x[(size_t)r * ldx + (size_t)(4 * s + i)]);                                \
            CK_UNROLL for (int h = 0; h < CK_HALVES; h++)                                                     \
              sum[i % chains][r][h] = vf_fma(code[h], value, sum[i % chains][r][h]);                          \
          }                                                                                                   \
        }                                                                                                     \
      }                                                                                                       \
      words += CK_PLANES_##q * CK_PANEL;                                                                      \
      x += CK_DEPTH_##q;                                                                                      \
    }                                                                                                         \
    CK_UNROLL for (int r = 0; r < rows; r++)                                                                  \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {                                                         \
        CK_UNROLL for (int j = 1; j < chains; j++) sum[0][r][h] = vf_add(sum[0][r][h], sum[j][r][h]);         \
        sum[0][r][h] = vf_fma(vf_load(zero + CK_LANES * h), vf_set(-row_sums[r]), sum[0][r][h]);              \
      }                                                                                                       \
    ck_finish_tile(rows, nr, sum[0], c, ldc, store);                                                          \
  }                                                                                                           \
  CK_TARGET void CK_GEMV(q##_gemv)(size_t rows, size_t nr, size_t groups, const uint32_t *words,              \
                                   const float *x, size_t ldx, const float *zero, const float *row_sums,      \
                                   float *c, size_t ldc, const ck_f32_store *store) {                         \
    switch (rows) {                                                                                           \
      case 1: q##_rows(1, 4, nr, groups, words, x, ldx, zero, row_sums, c, ldc, store); break;                \
      case 2: q##_rows(2, 2, nr, groups, words, x, ldx, zero, row_sums, c, ldc, store); break;                \
      case 3: q##_rows(3, 1, nr, groups, words, x, ldx, zero, row_sums, c, ldc, store); break;                \
      case 4: q##_rows(4, 1, nr, groups, words, x, ldx, zero, row_sums, c, ldc, store); break;                \
      default: break;                                                                                         \
    }                                                                                                         \
  }                                                                                                           \
  CK_TARGET void CK_KERNEL(q##_unpack)(size_t groups, const uint32_t *words, const float *zero, float *out) { \
    for (size_t g = 0; g < groups; g++) {                                                                     \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {                                                         \
        VF z = vf_load(zero + CK_LANES * h);                                                                  \
        ck_group group = load_group(CK_PLANES_##q, words + CK_LANES * h);                                     \
        CK_UNROLL for (int s = 0; s < CK_DEPTH_##q / 4; s++) {                                                \
          VI quad = quad_##q(&group, s);                                                                      \
          CK_UNROLL for (int i = 0; i < 4; i++) {                                                             \
            const float down = i == 1 ? 0x1p-8f : i == 2 ? 0x1p-16f : 1;                                      \
            vf_store(out + (4 * s + i) * CK_PANEL + CK_LANES * h,                                             \
                     vf_fms(scaled_code(quad, i), vf_set(down), z));                                          \
          }                                                                                                   \
        }                                                                                                     \
      }                                                                                                       \
      words += CK_PLANES_##q * CK_PANEL;                                                                      \
      out += CK_DEPTH_##q * CK_PANEL;                                                                         \
    }                                                                                                         \
  }                                                                                                           \
  CK_TARGET void CK_KERNEL(q##_quads)(size_t groups, const uint32_t *words, uint8_t *out) {                   \
    for (size_t g = 0; g < groups; g++) {                                                                     \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {                                                         \
        ck_group group = load_group(CK_PLANES_##q, words + CK_LANES * h);                                     \
        CK_UNROLL for (int s = 0; s < CK_DEPTH_##q / 4; s++)                                                  \
          vi_store(out + s * 4 * CK_PANEL + 4 * CK_LANES * h, quad_##q(&group, s));                           \
      }                                                                                                       \
      words += CK_PLANES_##q * CK_PANEL;                                                                      \
      out += CK_DEPTH_##q * CK_PANEL;                                                                         \
    }                                                                                                         \
  }

CK_DEFINE_PACKED(q8)
CK_DEFINE_PACKED(q6)
CK_DEFINE_PACKED(q4)
CK_DEFINE_PACKED(q3)
CK_DEFINE_PACKED(q2)
CK_DEFINE_PACKED(qt)
CK_DEFINE_PACKED(q1)
