#include "../support/finish.h"
#include "../dispatch/matrix_declare.h"

void f32_conv_12x24_portable(size_t mr, size_t nr, size_t segments, size_t run, const float *a, const int32_t *at,
                             size_t a_segment, const float *b, size_t b_panel, float *c, size_t ldc,
                             const ck_f32_store *store) {
  for (size_t i = 0; i < mr; i++) {
    float sums[2 * CK_PANEL] = {0};
    const float *w = b;
    for (size_t s = 0; s < segments; s++) {
      const float *x = a + at[i] + s * a_segment;
      for (size_t p = 0; p < run; p++, w += CK_PANEL) {
        for (size_t n = 0; n < CK_PANEL; n++) sums[n] += x[p] * w[n];
        if (nr > CK_PANEL)
          for (size_t n = 0; n < 8; n++) sums[CK_PANEL + n] += x[p] * w[b_panel + n];
      }
    }
    ck_finish_row(i, nr, sums, c, ldc, store);
  }
}
