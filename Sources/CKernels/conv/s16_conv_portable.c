#include "../support/finish.h"
#include "../dispatch/matrix_declare.h"

void s16_conv_12x24_portable(size_t mr, size_t nr, size_t segments, size_t pairs, const int16_t *a,
                             const int32_t *at, size_t a_segment, const int16_t *b, size_t b_panel, void *c,
                             size_t ldc, const ck_integer_store *store) {
  // Of one row; neither column sums nor zero points are taken off.
  ck_integer_store own = *store;
  const int32_t none = 0;
  own.row_sums = &none;
  for (size_t i = 0; i < mr; i++) {
    int32_t sums[2 * CK_PANEL] = {0};
    const int16_t *w = b;
    for (size_t s = 0; s < segments; s++) {
      const int16_t *x = a + at[i] + s * a_segment;
      for (size_t p = 0; p < 2 * pairs; p += 2, w += 2 * CK_PANEL) {
        for (size_t n = 0; n < CK_PANEL; n++) sums[n] += x[p] * w[2 * n] + x[p + 1] * w[2 * n + 1];
        if (nr > CK_PANEL)
          for (size_t n = 0; n < 8; n++)
            sums[CK_PANEL + n] += x[p] * w[b_panel + 2 * n] + x[p + 1] * w[b_panel + 2 * n + 1];
      }
    }
    if (own.residual) own.residual = store->residual + i * store->residual_stride;
    ck_finish_integer_row(0, nr, sums, (char *)c + i * ldc * (own.quantize ? 1 : 4), ldc, &own);
  }
}
