// Weights of which each run of 4 or 8 along k keeps the same few (N:M sparsity), written once for every vector width.
// The including file defines CK_TARGET, CK_LANES, VI, VF, vi_load, vi_right, vf_zero, vf_load, vf_add, vf_fma, VX,
// CK_PATTERN(name) -> name with its level, ck_finish_tile, and
//   vf_spread4, vf_spread8  4 or 8 inputs as a VX, repeated over the lanes as pick wants them
//   vf_pick4, vf_pick8      inputs of a run by lanes' lowest 2 or 3 bits
//
// Layout. A panel is a run of words groups, each CK_PANEL index words, then the weights they place, kept one after the
// other, CK_PANEL outputs each. A word holds 16 places of 2 bits (runs of 4) or 8 of 4 bits (runs of 8), lowest first:
// the places of 16 / kept or 8 / kept runs.

#define CK_HALVES (CK_PANEL / CK_LANES)

#define CK_DEFINE_PATTERN(kept, run, places, bits)                                                            \
  CK_TARGET CK_INLINE void pattern_##kept##of##run(const int rows, size_t nr, size_t groups,                  \
                                                   const uint32_t *panel, const float *x, size_t ldx,         \
                                                   float *c, size_t ldc, const ck_f32_store *store) {         \
    VF sum[2][4][CK_HALVES];                                                                                  \
    CK_UNROLL for (int j = 0; j < 2; j++)                                                                     \
      CK_UNROLL for (int r = 0; r < rows; r++)                                                                \
        CK_UNROLL for (int h = 0; h < CK_HALVES; h++) sum[j][r][h] = vf_zero();                               \
    for (size_t g = 0; g < groups; g++) {                                                                     \
      VI at[CK_HALVES];                                                                                       \
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) at[h] = vi_load(panel + CK_LANES * h);                    \
      const float *w = (const float *)(panel + CK_PANEL);                                                     \
      __builtin_prefetch(panel + 1024);                                                                       \
      CK_UNROLL for (int s = 0; s < (places); s++) {                                                          \
        VF weight[CK_HALVES];                                                                                 \
        CK_UNROLL for (int h = 0; h < CK_HALVES; h++) weight[h] = vf_load(w + s * CK_PANEL + CK_LANES * h);   \
        CK_UNROLL for (int r = 0; r < rows; r++) {                                                            \
          const VX inputs = vf_spread##run(x + (size_t)r * ldx + (size_t)(s / (kept)) * (run));               \
          CK_UNROLL for (int h = 0; h < CK_HALVES; h++)                                                       \
            sum[rows < 3 ? s % 2 : 0][r][h] =                                                                 \
                vf_fma(vf_pick##run(inputs, at[h]), weight[h], sum[rows < 3 ? s % 2 : 0][r][h]);              \
        }                                                                                                     \
        CK_UNROLL for (int h = 0; h < CK_HALVES; h++) at[h] = vi_right(at[h], bits);                          \
      }                                                                                                       \
      panel += CK_PANEL * (1 + (places));                                                                     \
      x += (places) / (kept) * (run);                                                                         \
    }                                                                                                         \
    if (rows < 3)                                                                                             \
      CK_UNROLL for (int r = 0; r < rows; r++)                                                                \
        CK_UNROLL for (int h = 0; h < CK_HALVES; h++) sum[0][r][h] = vf_add(sum[0][r][h], sum[1][r][h]);      \
    ck_finish_tile(rows, nr, sum[0], c, ldc, store);                                                          \
  }                                                                                                           \
  CK_TARGET void CK_PATTERN(f32_pattern##kept##of##run)(size_t rows, size_t nr, size_t groups,                \
                                                        const uint32_t *panel, const float *x, size_t ldx,    \
                                                        float *c, size_t ldc, const ck_f32_store *store) {    \
    switch (rows) {                                                                                           \
      case 1: pattern_##kept##of##run(1, nr, groups, panel, x, ldx, c, ldc, store); break;                    \
      case 2: pattern_##kept##of##run(2, nr, groups, panel, x, ldx, c, ldc, store); break;                    \
      case 3: pattern_##kept##of##run(3, nr, groups, panel, x, ldx, c, ldc, store); break;                    \
      case 4: pattern_##kept##of##run(4, nr, groups, panel, x, ldx, c, ldc, store); break;                    \
      default: break;                                                                                         \
    }                                                                                                         \
  }

CK_DEFINE_PATTERN(1, 4, 16, 2)
CK_DEFINE_PATTERN(2, 4, 16, 2)
CK_DEFINE_PATTERN(1, 8, 8, 4)
CK_DEFINE_PATTERN(2, 8, 8, 4)
CK_DEFINE_PATTERN(4, 8, 8, 4)
