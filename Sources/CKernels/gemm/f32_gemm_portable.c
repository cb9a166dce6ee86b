#include "../dispatch/matrix_declare.h"
#include "../support/finish.h"

CK_INLINE void tile(const size_t mr, size_t nr, size_t k, const float *a, size_t a_row, size_t a_step, const float *b,
                    float *c, size_t ldc, const ck_f32_store *store) {
  float sums[4][CK_PANEL] = {{0}};
  for (size_t p = 0; p < k; p++, b += CK_PANEL)
    for (size_t i = 0; i < mr; i++) {
      float x = a[i * a_row + p * a_step];
      for (size_t n = 0; n < CK_PANEL; n++) sums[i][n] += x * b[n];
    }
  for (size_t i = 0; i < mr; i++) ck_finish_row(i, nr, sums[i], c, ldc, store);
}

void f32_gemm_4x16_portable(size_t mr, size_t nr, size_t k, const float *a, size_t a_row, size_t a_step,
                            const float *b, size_t b_panel, float *c, size_t ldc, const ck_f32_store *store) {
  (void)b_panel;
  ck_f32_store part = *store;
  while (mr > 0) {
    const size_t rows = mr < 4 ? mr : 4;
#define CK_TILE(rows) tile(rows, nr, k, a, a_step ? a_row : 1, a_step ? a_step : rows, b, c, ldc, &part)
    switch (rows) { CK_COUNTS_TO_4(CK_TILE) }
#undef CK_TILE
    ck_next_tile(rows, a_step ? a_row : k, ldc, &mr, &a, &c, &part);
  }
}
