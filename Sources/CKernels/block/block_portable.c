#include "../support/finish.h"
#include "../dispatch/matrix_declare.h"

void f32_block_12x16_portable(size_t mr, size_t nr, const uint32_t *starts, const uint32_t *index,
                              const float *values, const float *a, size_t a_step, float *c, size_t ldc,
                              const ck_f32_store *store) {
  for (size_t i = 0; i < mr; i++) {
    float sums[CK_PANEL] = {0};
    for (size_t h = 0; h < 2; h++)
      for (size_t e = starts[h]; e < starts[h + 1]; e++) {
        const float x = a[i + index[e] * a_step];
        for (size_t n = 0; n < 8; n++) sums[8 * h + n] += x * values[e * 8 + n];
      }
    ck_finish_row(i, nr, sums, c, ldc, store);
  }
}
