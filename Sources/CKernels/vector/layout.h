// Transposes in square blocks, so that neither side strides through the cache line by line.

// One block, `block` rows and columns where it is whole: the compiler turns its loops into shuffles.
INLINE void f32_turn(const size_t block, size_t height, size_t width, const float *x, size_t columns, float *out,
                     size_t rows) {
  if (height == block && width == block) {
    for (size_t v = 0; v < block; v++) {
      INDEPENDENT for (size_t u = 0; u < block; u++) out[v * rows + u] = x[u * columns + v];
    }
  } else {
    for (size_t v = 0; v < width; v++)
      for (size_t u = 0; u < height; u++) out[v * rows + u] = x[u * columns + v];
  }
}

INLINE void u8_turn(const size_t block, size_t height, size_t width, const uint8_t *x, size_t columns, uint8_t *out,
                    size_t rows) {
  if (height == block && width == block) {
    for (size_t v = 0; v < block; v++) {
      INDEPENDENT for (size_t u = 0; u < block; u++) out[v * rows + u] = x[u * columns + v];
    }
  } else {
    for (size_t v = 0; v < width; v++)
      for (size_t u = 0; u < height; u++) out[v * rows + u] = x[u * columns + v];
  }
}

// Elements of `size` bytes.
INLINE void transpose(const size_t size, const size_t block, size_t batch, size_t rows, size_t columns, const void *x,
                      void *out) {
  for (size_t b = 0; b < batch; b++) {
    const char *image = (const char *)x + b * rows * columns * size;
    char *turned = (char *)out + b * rows * columns * size;
    for (size_t i = 0; i < rows; i += block) {
      const size_t height = rows - i < block ? rows - i : block;
      for (size_t j = 0; j < columns; j += block) {
        const size_t width = columns - j < block ? columns - j : block;
        const void *from = image + (i * columns + j) * size;
        void *to = turned + (j * rows + i) * size;
        if (size == sizeof(float))
          f32_turn(block, height, width, from, columns, to, rows);
        else
          u8_turn(block, height, width, from, columns, to, rows);
      }
    }
  }
}

KERNEL(f32_transpose)(size_t batch, size_t rows, size_t columns, const float *x, float *out) {
  transpose(sizeof(float), 16, batch, rows, columns, x, out);
}
KERNEL(u8_transpose)(size_t batch, size_t rows, size_t columns, const uint8_t *x, uint8_t *out) {
  transpose(1, 32, batch, rows, columns, x, out);
}

// Rows of few values, as a convolution of few outputs has: a loop of its own for each count.
INLINE void add_rows(const size_t n, size_t rows, const float *x, size_t x_row, float *out, size_t out_row) {
  INDEPENDENT for (size_t r = 0; r < rows; r++)
    for (size_t i = 0; i < n; i++) out[r * out_row + i] += x[r * x_row + i];
}

KERNEL(f32_add_rows)(size_t rows, size_t n, const float *x, size_t x_row, float *out, size_t out_row) {
#define ADD_ROWS(n) add_rows(n, rows, x, x_row, out, out_row)
  switch (n) {
    CK_COUNTS_TO_4(ADD_ROWS)
    default:
      for (size_t r = 0; r < rows; r++, x += x_row, out += out_row) {
        INDEPENDENT for (size_t i = 0; i < n; i++) out[i] += x[i];
      }
  }
#undef ADD_ROWS
}
