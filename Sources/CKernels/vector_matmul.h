// A matrix product without packing, for operands that are only known while running: 4 rows by 3 vectors in registers.

INLINE void matmul_tile(size_t rows, size_t width, size_t k, const float *a, size_t a_row, size_t a_column,
                        const float *b, size_t b_row, float *c, size_t c_row, int32_t accumulate) {
  vecf sum[4][3];
  for (size_t r = 0; r < rows; r++)
    for (size_t v = 0; v < width; v++) sum[r][v] = accumulate ? load(c + r * c_row + v * LANES) : (vecf){0};
  for (size_t p = 0; p < k; p++, b += b_row, a += a_column) {
    vecf lane[3];
    for (size_t v = 0; v < width; v++) lane[v] = load(b + v * LANES);
    for (size_t r = 0; r < rows; r++) {
      float s = a[r * a_row];
      for (size_t v = 0; v < width; v++) sum[r][v] += s * lane[v];
    }
  }
  for (size_t r = 0; r < rows; r++)
    for (size_t v = 0; v < width; v++) store(c + r * c_row + v * LANES, sum[r][v]);
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
#define MATMUL_ROWS(rows, width)                                                                              \
  switch (rows) {                                                                                             \
    case 4: matmul_tile(4, width, k, ai, a_row, a_column, b + j, b_row, ci + j, c_row, accumulate); break;    \
    case 3: matmul_tile(3, width, k, ai, a_row, a_column, b + j, b_row, ci + j, c_row, accumulate); break;    \
    case 2: matmul_tile(2, width, k, ai, a_row, a_column, b + j, b_row, ci + j, c_row, accumulate); break;    \
    default: matmul_tile(1, width, k, ai, a_row, a_column, b + j, b_row, ci + j, c_row, accumulate);          \
  }

KERNEL(f32_matmul)
(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_column, const float *b, size_t b_row, float *c,
 size_t c_row, int32_t accumulate) {
  size_t whole = n / LANES * LANES;
  for (size_t j = 0; j < whole;) {
    size_t width = (whole - j) / LANES < 3 ? (whole - j) / LANES : 3;
    for (size_t i = 0; i < m; i += 4) {
      size_t rows = m - i < 4 ? m - i : 4;
      const float *ai = a + i * a_row;
      float *ci = c + i * c_row;
      if (width == 3) {
        MATMUL_ROWS(rows, 3)
      } else if (width == 2) {
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
