// Finishing of tiles in plain C.
#ifndef CK_FINISH_PORTABLE_H
#define CK_FINISH_PORTABLE_H

#include "inline.h"
#include "../include/ck_types.h"

/// Finishes and writes one row of `nr` sums.
CK_INLINE void ck_finish_row(size_t row, size_t nr, const float *sums, float *c, size_t ldc,
                             const ck_f32_store *store) {
  float *y = c + row * ldc;
  for (size_t n = 0; n < nr; n++) {
    float v = sums[n];
    if (store->accumulate) v += y[n];
    if (store->finish) {
      if (store->scale) v *= store->scale[n];
      if (store->bias) v += store->bias[n];
      if (store->residual) v += store->residual[row * store->residual_stride + n];
      v = ck_clamp(v, store->lo, store->hi);
    }
    y[n] = v;
  }
}

/// Nearest whole number, halves to even. Adding 1.5 * 2^23 leaves no bits for the fraction.
CK_INLINE float ck_round(float v) {
  return v > -0x1p22f && v < 0x1p22f ? (v + 0x1.8p23f) - 0x1.8p23f : v;
}

/// Nearest byte to v / scale + zero, halves to even; a NaN becomes `zero`.
CK_INLINE uint8_t ck_quantize(float v, float scale, int32_t zero) {
  float q = ck_round(v / scale) + (float)zero;
  if (q != q) return (uint8_t)zero;
  return (uint8_t)(q < 0 ? 0 : q > 255 ? 255 : q);
}

/// Finishes and writes one row of `nr` integer sums, as float or uint8.
CK_INLINE void ck_finish_integer_row(size_t row, size_t nr, const int32_t *sums, void *c, size_t ldc,
                                     const ck_integer_store *store) {
  // Unsigned arithmetic: partial terms may wrap, the whole does not (see IntegerMatrix.maximumInputs).
  const uint32_t row_sum = store->zero_points ? (uint32_t)store->row_sums[row] : 0;
  const uint32_t centred = row_sum - (uint32_t)store->k * (uint32_t)store->x_zero;
  for (size_t n = 0; n < nr; n++) {
    uint32_t s = (uint32_t)sums[n] - (uint32_t)store->x_zero * (uint32_t)store->column_sums[n];
    if (store->zero_points) s -= (uint32_t)store->zero_points[n] * centred;
    float v = (float)(int32_t)s * (store->scale[n] * store->x_scale);
    if (store->bias) v += store->bias[n];
    if (store->residual) v += store->residual[row * store->residual_stride + n];
    v = ck_clamp(v, store->lo, store->hi);
    if (store->quantize)
      ((uint8_t *)c)[row * ldc + n] = ck_quantize(v, store->out_scale, store->out_zero);
    else
      ((float *)c)[row * ldc + n] = v;
  }
}

/// Moves operands from one tile of a float product to the next, `rows` rows of `a_row` values on.
CK_INLINE void ck_next_tile(size_t rows, size_t a_row, size_t ldc, size_t *mr, const float **a, float **c,
                            ck_f32_store *part) {
  *mr -= rows;
  *a += rows * a_row;
  *c += rows * ldc;
  if (part->residual) part->residual += rows * part->residual_stride;
}

/// Moves operands from one tile of an integer product to the next. A packed row has 4 bytes a group.
CK_INLINE void ck_next_integer_tile(size_t rows, size_t groups, size_t ldc, size_t *mr, const void **a, void **c,
                                    ck_integer_store *part) {
  *mr -= rows;
  *a = (const char *)*a + rows * groups * 4;
  *c = (char *)*c + rows * ldc * (part->quantize ? 1 : sizeof(float));
  part->row_sums += rows;
  if (part->residual) part->residual += rows * part->residual_stride;
}

#endif
