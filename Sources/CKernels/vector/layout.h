// Transposes in square blocks, so that neither side strides through the cache line by line.

// A block of 4-byte elements as vectors: LANES rows become LANES columns; the compiler turns the loops into shuffles.
#define TRANSPOSE(name, type, block)                                                                    \
  KERNEL(name)(size_t batch, size_t rows, size_t columns, const type *x, type *out) {                   \
    for (size_t b = 0; b < batch; b++, x += rows * columns, out += rows * columns)                      \
      for (size_t i = 0; i < rows; i += (block)) {                                                      \
        size_t height = rows - i < (block) ? rows - i : (block);                                        \
        for (size_t j = 0; j < columns; j += (block)) {                                                 \
          size_t width = columns - j < (block) ? columns - j : (block);                                 \
          const type *from = x + i * columns + j;                                                       \
          type *to = out + j * rows + i;                                                                \
          if (height == (block) && width == (block)) {                                                  \
            for (size_t v = 0; v < (block); v++) {                                                      \
              INDEPENDENT for (size_t u = 0; u < (block); u++) to[v * rows + u] = from[u * columns + v]; \
            }                                                                                           \
          } else {                                                                                      \
            for (size_t v = 0; v < width; v++)                                                          \
              for (size_t u = 0; u < height; u++) to[v * rows + u] = from[u * columns + v];             \
          }                                                                                             \
        }                                                                                               \
      }                                                                                                 \
  }

TRANSPOSE(f32_transpose, float, 16)
TRANSPOSE(u8_transpose, uint8_t, 32)
#undef TRANSPOSE
