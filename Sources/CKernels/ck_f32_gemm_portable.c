#include "ck_finish_portable.h"
#include "ck_matrix_declare.h"

void f32_gemm_4x16_portable(size_t mr, size_t nr, size_t k, const float *a, size_t a_row, size_t a_step,
                            const float *b, size_t b_panel, float *c, size_t ldc, const ck_f32_store *store) {
  (void)b_panel;
  float sums[4][CK_PANEL] = {{0}};
  if (mr == 4) {
    for (size_t p = 0; p < k; p++, b += CK_PANEL)
      for (size_t i = 0; i < 4; i++) {
        float x = a[i * a_row + p * a_step];
        for (size_t n = 0; n < CK_PANEL; n++) sums[i][n] += x * b[n];
      }
  } else {
    for (size_t p = 0; p < k; p++, b += CK_PANEL)
      for (size_t i = 0; i < mr; i++) {
        float x = a[i * a_row + p * a_step];
        for (size_t n = 0; n < CK_PANEL; n++) sums[i][n] += x * b[n];
      }
  }
  for (size_t i = 0; i < mr; i++) ck_finish_row(i, nr, sums[i], c, ldc, store);
}
