#include <string.h>

#include "ck_matrix_declare.h"

void u8_pack_quads_portable(size_t mr, size_t k, const uint8_t *x, size_t ldx, void *out, int32_t *row_sums) {
  uint8_t *quads = out;
  for (size_t i = 0; i < mr; i++) {
    const uint8_t *row = x + i * ldx;
    uint32_t sum = 0;
    for (size_t p = 0; p < k; p++) sum += row[p];
    row_sums[i] = (int32_t)sum;
    size_t p = 0;
    for (; p + 4 <= k; p += 4) memcpy(quads + p * mr + 4 * i, row + p, 4);
    if (p < k) {
      uint8_t rest[4] = {0};
      memcpy(rest, row + p, k - p);
      memcpy(quads + p * mr + 4 * i, rest, 4);
    }
  }
}

void u8_pack_pairs_portable(size_t mr, size_t k, const uint8_t *x, size_t ldx, void *out, int32_t *row_sums) {
  uint16_t *pairs = out;
  for (size_t i = 0; i < mr; i++) {
    const uint8_t *row = x + i * ldx;
    uint32_t sum = 0;
    for (size_t p = 0; p < k; p++) sum += row[p];
    row_sums[i] = (int32_t)sum;
    size_t p = 0;
    for (; p + 2 <= k; p += 2) {
      uint32_t both = (uint32_t)row[p] | (uint32_t)row[p + 1] << 16;
      memcpy(pairs + p * mr + 2 * i, &both, 4);
    }
    if (p < k) {
      uint32_t both = row[p];
      memcpy(pairs + p * mr + 2 * i, &both, 4);
    }
  }
}
