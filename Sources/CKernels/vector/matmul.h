// A matrix product without packing, for operands that are only known while running: 6 rows by 2 vectors in registers.

INLINE void matmul_tile(const size_t rows, const size_t width, size_t k, const float *a, size_t a_row, size_t a_column,
                        const float *b, size_t b_row, float *c, size_t c_row, int32_t accumulate) {
  vecf sum[6][2];
  CK_UNROLL for (size_t r = 0; r < rows; r++)
    CK_UNROLL for (size_t v = 0; v < width; v++) sum[r][v] = accumulate ? load(c + r * c_row + v * LANES) : (vecf){0};
  // Two pointers and one step reach six rows.
  const float *a3 = a + 3 * a_row;
  for (size_t p = 0; p < k; p++, b += b_row, a += a_column, a3 += a_column) {
    vecf lane[2];
    CK_UNROLL for (size_t v = 0; v < width; v++) lane[v] = load(b + v * LANES);
    CK_UNROLL for (size_t r = 0; r < rows; r++) {
      float s = r < 3 ? a[r * a_row] : a3[(r - 3) * a_row];
      CK_UNROLL for (size_t v = 0; v < width; v++) sum[r][v] += s * lane[v];
    }
  }
  CK_UNROLL for (size_t r = 0; r < rows; r++)
    CK_UNROLL for (size_t v = 0; v < width; v++) store(c + r * c_row + v * LANES, sum[r][v]);
}

// Columns past the last whole vector.
INLINE void matmul_edge(size_t rows, size_t n, size_t k, const float *a, size_t a_row, size_t a_column,
                        const float *b, size_t b_row, float *c, size_t c_row, int32_t accumulate) {
  for (size_t r = 0; r < rows; r++) {
    float sum[LANES];
    for (size_t j = 0; j < n; j++) sum[j] = accumulate ? c[r * c_row + j] : 0.0f;
    for (size_t p = 0; p < k; p++) {
      float s = a[r * a_row + p * a_column];
      for (size_t j = 0; j < n; j++) sum[j] += s * b[p * b_row + j];
    }
    for (size_t j = 0; j < n; j++) c[r * c_row + j] = sum[j];
  }
}

// All rows by `width` vectors of columns, as many rows at a time as a tile takes.
INLINE void matmul_columns(const size_t width, size_t m, size_t k, const float *a, size_t a_row, size_t a_column,
                           const float *b, size_t b_row, float *c, size_t c_row, int32_t accumulate) {
  for (size_t i = 0; i < m; i += 6, a += 6 * a_row, c += 6 * c_row) {
#define MATMUL_TILE(rows) matmul_tile(rows, width, k, a, a_row, a_column, b, b_row, c, c_row, accumulate)
    switch (m - i < 6 ? m - i : 6) { CK_COUNTS_TO_6(MATMUL_TILE) }
#undef MATMUL_TILE
  }
}

KERNEL(f32_matmul)
(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_column, const float *b, size_t b_row, float *c,
 size_t c_row, int32_t accumulate) {
  const size_t whole = n / LANES * LANES;
  for (size_t j = 0; j < whole;) {
    const size_t width = (whole - j) / LANES < 2 ? 1 : 2;
    if (width == 2)
      matmul_columns(2, m, k, a, a_row, a_column, b + j, b_row, c + j, c_row, accumulate);
    else
      matmul_columns(1, m, k, a, a_row, a_column, b + j, b_row, c + j, c_row, accumulate);
    j += width * LANES;
  }
  if (whole < n) matmul_edge(m, n - whole, k, a, a_row, a_column, b + whole, b_row, c + whole, c_row, accumulate);
}
