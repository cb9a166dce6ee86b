// Packed weights, written once for every vector width. The including file defines the vector type:
//   CK_TARGET, CK_LANES, VI, VF, vi_load, vi_store, vi_set, vi_and, vi_or, vi_left, vi_right, vb_sub,
//   vf_zero, vf_set, vf_load, vf_store, vf_float, vf_add, vf_mul, vf_fma, vf_fms, vf_among16 and, where it has kernels
//   for places of 8 bits, vf_among256 (entries of a table by lanes' lowest 4 or 8 bits), CK_KERNEL(name) -> name with its
//   level, CK_GEMV(name) -> likewise, and ck_finish_tile.
//
// Layout. A panel is a run of groups; a group is 1, 3 or 5 planes of CK_PANEL 32-bit words, one word per output. Every
// width unpacks to `quads`: words whose four bytes are the codes of four consecutive k.
//   8, 4, 2, 1 bits  one plane of b bits; code k = 4 s + i of the group lies at bit 8 i + b s
//   5 = 4 + 1 bits   four planes of 4 bits (k 0...7, ..., 24...31), one of 1 bit (k 0...31)
//   6 = 4 + 2 bits   two planes of 4 bits (k 0...7, 8...15), one of 2 bits (k 0...15)
//   3 = 2 + 1 bits   two planes of 2 bits (k 0...15, 16...31), one of 1 bit (k 0...31)
// Codes are unsigned (single bits 0 and 2); signs and zero points live in `zero`.
#include "packed_code.h"

typedef struct {
  VI plane[5];
} ck_group;

// Words fetched ahead: weights mostly come from memory. From half to twice this makes little difference.
#define CK_AHEAD 1024

#define CK_HALVES (CK_PANEL / CK_LANES)

CK_TARGET CK_INLINE ck_group load_group(const packed_code code, const uint32_t *words) {
  ck_group g;
  CK_UNROLL for (int i = 0; i < planes_of(code); i++) g.plane[i] = vi_load(words + i * CK_PANEL);
  return g;
}

/// The groups of both halves of a panel, words behind them being fetched.
CK_TARGET CK_INLINE void load_groups(const packed_code code, const uint32_t *words, ck_group group[CK_HALVES]) {
  CK_UNROLL for (int i = 0; i < planes_of(code); i++) __builtin_prefetch(words + i * CK_PANEL + CK_AHEAD);
  CK_UNROLL for (int h = 0; h < CK_HALVES; h++) group[h] = load_group(code, words + CK_LANES * h);
}

/// Quad `s` of a group: codes of k = 4 s...4 s + 3, a byte each.
CK_TARGET CK_INLINE VI quad_of(const packed_code code, const ck_group *g, const int s) {
  switch (code) {
    case q8: case n8: return g->plane[0];
    case q4: case n4: return vi_and(vi_right(g->plane[0], 4 * s), vi_set(0x0f0f0f0fu));
    case q2: return vi_and(vi_right(g->plane[0], 2 * s), vi_set(0x03030303u));
    // A bit counts 2, so that codes -1 and +1 are whole numbers apart from a whole zero.
    case q1: return vi_and(s ? vi_right(g->plane[0], s - 1) : vi_left(g->plane[0], 1), vi_set(0x02020202u));
    case q6: {
      const VI low = vi_and(vi_right(g->plane[s / 2], 4 * (s % 2)), vi_set(0x0f0f0f0fu));
      const VI high = s < 2 ? vi_left(g->plane[2], 4 - 2 * s) : vi_right(g->plane[2], 2 * s - 4);
      return vi_or(low, vi_and(high, vi_set(0x30303030u)));
    }
    case q5: {
      const VI low = vi_and(vi_right(g->plane[s / 2], 4 * (s % 2)), vi_set(0x0f0f0f0fu));
      const VI high = s < 4 ? vi_left(g->plane[4], 4 - s) : vi_right(g->plane[4], s - 4);
      return vi_or(low, vi_and(high, vi_set(0x10101010u)));
    }
    case q3: {
      const VI low = vi_and(vi_right(g->plane[s / 4], 2 * (s % 4)), vi_set(0x03030303u));
      const VI high = s < 2 ? vi_left(g->plane[2], 2 - s) : vi_right(g->plane[2], s - 2);
      return vi_or(low, vi_and(high, vi_set(0x04040404u)));
    }
  }
}

/// Code i of each lane's quad as a float: an entry of `levels`, or the code times 256^i for i = 1, 2, which x is scaled
/// the other way for.
CK_TARGET CK_INLINE VF code_of(const packed_code code, VI quad, const int i, const float *levels) {
#if defined(vf_among256)
  if (code == n8) return vf_among256(levels, i ? vi_right(quad, 8 * i) : quad);
#endif
  if (code == n4) return vf_among16(levels, i ? vi_right(quad, 8 * i) : quad);
  return vf_float(i == 3 ? vi_right(quad, 24) : vi_and(quad, vi_set(0xffu << (8 * i))));
}

/// What makes `code_of` the code itself.
CK_INLINE float down_of(const packed_code code, const int i) {
  return is_place(code) ? 1 : i == 1 ? 0x1p-8f : i == 2 ? 0x1p-16f : 1;
}

/// The k of one group for `rows` rows; sums of neighbouring k go to `chains` chains in turn.
CK_TARGET CK_INLINE void add_group(const packed_code code, const int rows, const int chains, const uint32_t *words,
                                   const float *x, size_t ldx, const float *levels, VF (*sum)[4][CK_HALVES]) {
  ck_group group[CK_HALVES];
  load_groups(code, words, group);
  CK_UNROLL for (int s = 0; s < depth_of(code) / 4; s++) {
    VI quad[CK_HALVES];
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) quad[h] = quad_of(code, &group[h], s);
    CK_UNROLL for (int i = 0; i < 4; i++) {
      VF value[CK_HALVES];
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) value[h] = code_of(code, quad[h], i, levels);
      CK_UNROLL for (int r = 0; r < rows; r++) {
        const VF v = vf_set(x[(size_t)r * ldx + (size_t)(4 * s + i)]);
        CK_UNROLL for (int h = 0; h < CK_HALVES; h++)
          sum[i % chains][r][h] = vf_fma(value[h], v, sum[i % chains][r][h]);
      }
    }
  }
}

/// One panel times `rows` rows, block by block.
CK_TARGET CK_INLINE void panel(const packed_code code, const int rows, const int chains, size_t nr, size_t groups,
                               const uint32_t *words, const float *x, size_t ldx, const ck_packed_side *side,
                               const float *row_sums, float *c, size_t ldc, const ck_f32_store *store) {
  VF total[4][CK_HALVES];
  CK_UNROLL for (int r = 0; r < rows; r++)
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) total[r][h] = vf_zero();
  for (size_t block = 0; block < side->blocks; block++) {
    VF sum[4][4][CK_HALVES];
    CK_UNROLL for (int j = 0; j < chains; j++)
      CK_UNROLL for (int r = 0; r < rows; r++)
        CK_UNROLL for (int h = 0; h < CK_HALVES; h++) sum[j][r][h] = vf_zero();
    const size_t count = groups < side->groups ? groups : side->groups;
    groups -= count;
    for (size_t g = 0; g < count; g++) {
      add_group(code, rows, chains, words, x, ldx, side->levels, sum);
      words += planes_of(code) * CK_PANEL;
      x += depth_of(code);
    }
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {
      const VF zero = vf_load(side->zero + block * CK_PANEL + CK_LANES * h);
      const VF scale = vf_load(side->scale + block * CK_PANEL + CK_LANES * h);
      CK_UNROLL for (int r = 0; r < rows; r++) {
        CK_UNROLL for (int j = 1; j < chains; j++) sum[0][r][h] = vf_add(sum[0][r][h], sum[j][r][h]);
        const VF shift = vf_set(-row_sums[(size_t)r * side->blocks + block]);
        total[r][h] = vf_fma(vf_fma(zero, shift, sum[0][r][h]), scale, total[r][h]);
      }
    }
  }
  ck_finish_tile(rows, nr, total, c, ldc, store);
}

CK_TARGET CK_INLINE void gemv(const packed_code code, size_t rows, size_t nr, size_t groups, const uint32_t *words,
                              const float *x, size_t ldx, const ck_packed_side *side, const float *row_sums, float *c,
                              size_t ldc, const ck_f32_store *store) {
#define CK_PANEL_OF(rows) \
  panel(code, rows, (rows) == 1 ? 4 : (rows) == 2 ? 2 : 1, nr, groups, words, x, ldx, side, row_sums, c, ldc, store)
  switch (rows) { CK_COUNTS_TO_4(CK_PANEL_OF) }
#undef CK_PANEL_OF
}

CK_TARGET CK_INLINE void unpack(const packed_code code, size_t groups, const uint32_t *words,
                                const ck_packed_side *side, float *out) {
  for (size_t g = 0; g < groups; g++) {
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {
      const VF zero = vf_load(side->zero + CK_LANES * h), scale = vf_load(side->scale + CK_LANES * h);
      const ck_group group = load_group(code, words + CK_LANES * h);
      CK_UNROLL for (int s = 0; s < depth_of(code) / 4; s++) {
        const VI quad = quad_of(code, &group, s);
        CK_UNROLL for (int i = 0; i < 4; i++) {
          const VF value = vf_fms(code_of(code, quad, i, side->levels), vf_set(down_of(code, i)), zero);
          vf_store(out + (4 * s + i) * CK_PANEL + CK_LANES * h, vf_mul(value, scale));
        }
      }
    }
    words += planes_of(code) * CK_PANEL;
    out += depth_of(code) * CK_PANEL;
  }
}

CK_TARGET CK_INLINE void quads(const packed_code code, size_t groups, const uint32_t *words, int8_t minus,
                               int8_t *out) {
  for (size_t g = 0; g < groups; g++) {
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) {
      const ck_group group = load_group(code, words + CK_LANES * h);
      CK_UNROLL for (int s = 0; s < depth_of(code) / 4; s++)
        vi_store(out + s * 4 * CK_PANEL + 4 * CK_LANES * h, vb_sub(quad_of(code, &group, s), minus));
    }
    words += planes_of(code) * CK_PANEL;
    out += depth_of(code) * CK_PANEL;
  }
}

#define CK_FLOATS(q)                                                                                                  \
  CK_TARGET void CK_GEMV(q##_gemv)(size_t rows, size_t nr, size_t groups, const uint32_t *words, const float *x,      \
                                   size_t ldx, const ck_packed_side *side, const float *row_sums, float *c,           \
                                   size_t ldc, const ck_f32_store *store) {                                           \
    gemv(q, rows, nr, groups, words, x, ldx, side, row_sums, c, ldc, store);                                          \
  }                                                                                                                   \
  CK_TARGET void CK_KERNEL(q##_unpack)(size_t groups, const uint32_t *words, const ck_packed_side *side, float *out) { \
    unpack(q, groups, words, side, out);                                                                              \
  }
#define CK_BYTES(q)                                                                                          \
  CK_TARGET void CK_KERNEL(q##_quads)(size_t groups, const uint32_t *words, int8_t minus, int8_t *out) {     \
    quads(q, groups, words, minus, out);                                                                     \
  }

CK_FLOATS(q8)
CK_FLOATS(q6) CK_BYTES(q6)
CK_FLOATS(q5) CK_BYTES(q5)
CK_FLOATS(q4) CK_BYTES(q4)
CK_FLOATS(q3) CK_BYTES(q3)
CK_FLOATS(q2) CK_BYTES(q2)
CK_FLOATS(q1) CK_BYTES(q1)
CK_FLOATS(n4)
#if defined(vf_among256)
CK_FLOATS(n8)
#endif
