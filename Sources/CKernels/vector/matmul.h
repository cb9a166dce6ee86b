// A matrix product without packing, for operands that are only known while running: 6 rows by 2 vectors in registers.

#define UNROLLED _Pragma("clang loop unroll(full)")

INLINE void matmul_tile(const size_t rows, const size_t width, size_t k, const float *a, size_t a_row, size_t a_column,
                        const float *b, size_t b_row, float *c, size_t c_row, int32_t accumulate) {
  vecf sum[6][2];
  UNROLLED for (size_t r = 0; r < rows; r++)
    UNROLLED for (size_t v = 0; v < width; v++) sum[r][v] = accumulate ? load(c + r * c_row + v * LANES) : (vecf){0};
  // Two pointers and one step reach six rows.
  const float *a3 = a + 3 * a_row;
  for (size_t p = 0; p < k; p++, b += b_row, a += a_column, a3 += a_column) {
    vecf lane[2];
    UNROLLED for (size_t v = 0; v < width; v++) lane[v] = load(b + v * LANES);
    UNROLLED for (size_t r = 0; r < rows; r++) {
      float s = r < 3 ? a[r * a_row] : a3[(r - 3) * a_row];
      UNROLLED for (size_t v = 0; v < width; v++) sum[r][v] += s * lane[v];
    }
  }
  UNROLLED for (size_t r = 0; r < rows; r++)
    UNROLLED for (size_t v = 0; v < width; v++) store(c + r * c_row + v * LANES, sum[r][v]);
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

// Constant arguments, so that the tile's loops unroll into registers.
#define MATMUL_TILE(rows, width) \
  matmul_tile(rows, width, k, ai, a_row, a_column, b + j, b_row, ci + j, c_row, accumulate)
#define MATMUL_ROWS(rows, width)               \
  switch (rows) {                              \
    case 6: MATMUL_TILE(6, width); break;      \
    case 5: MATMUL_TILE(5, width); break;      \
    case 4: MATMUL_TILE(4, width); break;      \
    case 3: MATMUL_TILE(3, width); break;      \
    case 2: MATMUL_TILE(2, width); break;      \
    default: MATMUL_TILE(1, width);            \
  }

KERNEL(f32_matmul)
(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_column, const float *b, size_t b_row, float *c,
 size_t c_row, int32_t accumulate) {
  size_t whole = n / LANES * LANES;
  for (size_t j = 0; j < whole;) {
    size_t width = (whole - j) / LANES < 2 ? 1 : 2;
    for (size_t i = 0; i < m; i += 6) {
      size_t rows = m - i < 6 ? m - i : 6;
      const float *ai = a + i * a_row;
      float *ci = c + i * c_row;
      if (width == 2) {
        MATMUL_ROWS(rows, 2)
      } else {
        MATMUL_ROWS(rows, 1)
      }
    }
    j += width * LANES;
  }
  if (whole < n) matmul_edge(m, n - whole, k, a, a_row, a_column, b + whole, b_row, c + whole, c_row, accumulate);
}
#undef MATMUL_ROWS
#undef MATMUL_TILE
#undef UNROLLED
