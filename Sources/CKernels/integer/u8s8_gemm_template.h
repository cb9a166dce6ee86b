// Integer tiles of up to 12 rows and two panels, written once for the AVX-512 levels. The including file defines
//   CK_TARGET, CK_NAME(kernel), CK_DEPTH (k that lie together) and
//   dot(sum, x, w): sum + the products of 4 bytes' worth of x (spread over all lanes) and w, w = widen(b).

CK_TARGET CK_INLINE void CK_NAME(step)(const int rows, const int panels, __m512i (*sum)[2], const uint8_t *x,
                                       const int8_t *b, size_t b_panel) {
  __m512i w[2];
  CK_UNROLL for (int h = 0; h < panels; h++) w[h] = CK_NAME(widen)(b + (size_t)h * b_panel);
  CK_UNROLL for (int i = 0; i < rows; i++) {
    int32_t word;
    __builtin_memcpy(&word, x + 4 * i, 4);
    const __m512i v = _mm512_set1_epi32(word);
    CK_UNROLL for (int h = 0; h < panels; h++) sum[i][h] = CK_NAME(dot)(sum[i][h], v, w[h]);
  }
}

CK_TARGET CK_INLINE void CK_NAME(tile)(const int rows, const int chains, const int panels, size_t nr, size_t groups,
                                       const uint8_t *x, const int8_t *b, size_t b_panel, void *c, size_t ldc,
                                       const ck_integer_store *s) {
  __m512i sum[4][12][2];
  CK_UNROLL for (int j = 0; j < chains; j++)
    CK_UNROLL for (int i = 0; i < rows; i++)
      CK_UNROLL for (int h = 0; h < panels; h++) sum[j][i][h] = _mm512_setzero_si512();
  size_t g = 0;
  for (; g + (size_t)chains <= groups; g += (size_t)chains)
    CK_UNROLL for (int j = 0; j < chains; j++) {
      CK_NAME(step)(rows, panels, sum[j], x, b, b_panel);
      x += 4 * rows;
      b += CK_DEPTH * CK_PANEL;
    }
  for (; g < groups; g++) {
    CK_NAME(step)(rows, panels, sum[0], x, b, b_panel);
    x += 4 * rows;
    b += CK_DEPTH * CK_PANEL;
  }
  CK_UNROLL for (int h = 0; h < panels; h++) {
    const size_t at = (size_t)h * CK_PANEL;
    const __mmask16 mask = ck_mask16(nr - at);
    const __m512i offset =
        _mm512_mullo_epi32(_mm512_set1_epi32(s->x_zero), _mm512_loadu_si512(s->column_sums + at));
    CK_UNROLL for (int i = 0; i < rows; i++) {
      CK_UNROLL for (int j = 1; j < chains; j++) sum[0][i][h] = _mm512_add_epi32(sum[0][i][h], sum[j][i][h]);
      __m512i t = _mm512_sub_epi32(sum[0][i][h], offset);
      if (s->zero_points) {
        const uint32_t centred = (uint32_t)s->row_sums[i] - (uint32_t)s->k * (uint32_t)s->x_zero;
        const __m512i zero = _mm512_loadu_si512(s->zero_points + at);
        t = _mm512_sub_epi32(t, _mm512_mullo_epi32(zero, _mm512_set1_epi32((int)centred)));
      }
      ck_avx512_finish_integers(mask, (size_t)i, at, t, c, ldc, s);
    }
  }
}

/// All tiles of one or two panels.
CK_TARGET CK_INLINE void CK_NAME(tiles)(const int panels, size_t mr, size_t nr, size_t groups, const void *a,
                                        const int8_t *b, size_t b_panel, void *c, size_t ldc,
                                        const ck_integer_store *store) {
  ck_integer_store part = *store;
  while (mr > 0) {
    const size_t rows = mr < 12 ? mr : 12;
#define CK_TILE(rows) CK_NAME(tile)(rows, ck_avx512_chains(rows), panels, nr, groups, a, b, b_panel, c, ldc, &part)
    switch (rows) { CK_COUNTS_TO_12(CK_TILE) }
#undef CK_TILE
    ck_next_integer_tile(rows, groups, ldc, &mr, &a, &c, &part);
  }
}

CK_TARGET void CK_NAME(gemm_12x32)(size_t mr, size_t nr, size_t groups, const void *a, const int8_t *b,
                                   size_t b_panel, void *c, size_t ldc, const ck_integer_store *store) {
  if (nr > CK_PANEL)
    CK_NAME(tiles)(2, mr, nr, groups, a, b, b_panel, c, ldc, store);
  else
    CK_NAME(tiles)(1, mr, nr, groups, a, b, b_panel, c, ldc, store);
}
#undef CK_NAME
#undef CK_DEPTH
#undef CK_TARGET
