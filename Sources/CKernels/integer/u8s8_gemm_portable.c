#include "../support/finish.h"
#include "../dispatch/matrix_declare.h"

CK_INLINE void tile(const size_t mr, size_t nr, size_t groups, const uint8_t *x, const int8_t *b, void *c, size_t ldc,
                    const ck_integer_store *store) {
  int32_t sums[4][CK_PANEL] = {{0}};
  for (size_t g = 0; g < groups; g++, b += 4 * CK_PANEL, x += 4 * mr)
    for (size_t i = 0; i < mr; i++) {
      int32_t x0 = x[4 * i], x1 = x[4 * i + 1], x2 = x[4 * i + 2], x3 = x[4 * i + 3];
      for (size_t n = 0; n < CK_PANEL; n++)
        sums[i][n] += x0 * b[4 * n] + x1 * b[4 * n + 1] + x2 * b[4 * n + 2] + x3 * b[4 * n + 3];
    }
  for (size_t i = 0; i < mr; i++) ck_finish_integer_row(i, nr, sums[i], c, ldc, store);
}

void u8s8_gemm_4x16_portable(size_t mr, size_t nr, size_t groups, const void *a, const int8_t *b, size_t b_panel,
                             void *c, size_t ldc, const ck_integer_store *store) {
  (void)b_panel;
  ck_integer_store part = *store;
  while (mr > 0) {
    const size_t rows = mr < 4 ? mr : 4;
#define CK_TILE(rows) tile(rows, nr, groups, a, b, c, ldc, &part)
    switch (rows) { CK_COUNTS_TO_4(CK_TILE) }
#undef CK_TILE
    ck_next_integer_tile(rows, groups, ldc, &mr, &a, &c, &part);
  }
}

void u8s7_gemm_4x16_portable(size_t mr, size_t nr, size_t groups, const void *a, const int8_t *b, size_t b_panel,
                             void *c, size_t ldc, const ck_integer_store *store) {
  u8s8_gemm_4x16_portable(mr, nr, groups, a, b, b_panel, c, ldc, store);
}
