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

/// Sums of one place of a run, for `rows` rows.
CK_TARGET CK_INLINE void add_place(const int rows, const int run, VF (*sum)[CK_HALVES], const VI at[CK_HALVES],
                                   const float *w, const float *x, size_t ldx) {
  VF weight[CK_HALVES];
  CK_UNROLL for (int h = 0; h < CK_HALVES; h++) weight[h] = vf_load(w + CK_LANES * h);
  CK_UNROLL for (int r = 0; r < rows; r++) {
    if (run == 4) {
      const VX inputs = vf_spread4(x + (size_t)r * ldx);
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) sum[r][h] = vf_fma(vf_pick4(inputs, at[h]), weight[h], sum[r][h]);
    } else {
      const VX inputs = vf_spread8(x + (size_t)r * ldx);
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) sum[r][h] = vf_fma(vf_pick8(inputs, at[h]), weight[h], sum[r][h]);
    }
  }
}

/// One panel times `rows` rows; one or two rows get two sums per output side by side.
CK_TARGET CK_INLINE void panel_of(const int kept, const int run, const int rows, size_t nr, size_t groups,
                                  const uint32_t *panel, const float *x, size_t ldx, float *c, size_t ldc,
                                  const ck_f32_store *store) {
  const int places = run == 4 ? 16 : 8, bits = run == 4 ? 2 : 4;
  VF sum[2][4][CK_HALVES];
  CK_UNROLL for (int j = 0; j < 2; j++)
    CK_UNROLL for (int r = 0; r < rows; r++)
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) sum[j][r][h] = vf_zero();
  for (size_t g = 0; g < groups; g++) {
    VI at[CK_HALVES];
    CK_UNROLL for (int h = 0; h < CK_HALVES; h++) at[h] = vi_load(panel + CK_LANES * h);
    const float *w = (const float *)(panel + CK_PANEL);
    __builtin_prefetch(panel + 1024);
    CK_UNROLL for (int s = 0; s < places; s++) {
      add_place(rows, run, sum[rows < 3 ? s % 2 : 0], at, w + s * CK_PANEL, x + s / kept * run, ldx);
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) at[h] = vi_right(at[h], bits);
    }
    panel += CK_PANEL * (1 + places);
    x += places / kept * run;
  }
  if (rows < 3)
    CK_UNROLL for (int r = 0; r < rows; r++)
      CK_UNROLL for (int h = 0; h < CK_HALVES; h++) sum[0][r][h] = vf_add(sum[0][r][h], sum[1][r][h]);
  ck_finish_tile(rows, nr, sum[0], c, ldc, store);
}

CK_TARGET CK_INLINE void product(const int kept, const int run, size_t rows, size_t nr, size_t groups,
                                 const uint32_t *panel, const float *x, size_t ldx, float *c, size_t ldc,
                                 const ck_f32_store *store) {
#define CK_PANEL_OF(rows) panel_of(kept, run, rows, nr, groups, panel, x, ldx, c, ldc, store)
  switch (rows) { CK_COUNTS_TO_4(CK_PANEL_OF) }
#undef CK_PANEL_OF
}

#define CK_KEEP(kept, run)                                                                                            \
  CK_TARGET void CK_PATTERN(f32_pattern##kept##of##run)(size_t rows, size_t nr, size_t groups, const uint32_t *panel, \
                                                        const float *x, size_t ldx, float *c, size_t ldc,             \
                                                        const ck_f32_store *store) {                                  \
    product(kept, run, rows, nr, groups, panel, x, ldx, c, ldc, store);                                               \
  }
CK_KEEP(1, 4)
CK_KEEP(2, 4)
CK_KEEP(1, 8)
CK_KEEP(2, 8)
CK_KEEP(4, 8)
