#include <string.h>

#include "../dispatch/matrix_declare.h"
#include "../support/finish.h"
#include "half_format.h"

CK_INLINE float bits_to_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

CK_INLINE float widen_f16(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000u) << 16, magnitude = half & 0x7fffu;
  if (magnitude >= 0x7c00u) {  // infinity or NaN, made quiet as the hardware does
    return bits_to_float(sign | 0x7f800000u | (magnitude & 0x3ffu ? 0x400000u | (magnitude & 0x3ffu) << 13 : 0));
  }
  // The exponent moved into place, then multiplied into range: exact for subnormals too.
  float value = bits_to_float(magnitude << 13) * 0x1p112f;
  return sign ? -value : value;
}

CK_INLINE float widen_bf16(uint16_t half) { return bits_to_float((uint32_t)half << 16); }

CK_INLINE float widen(const half_format format, uint16_t half) {
  return format == f16 ? widen_f16(half) : widen_bf16(half);
}

CK_INLINE void unpack(const half_format format, size_t k, const uint16_t *b, float *out) {
  for (size_t i = 0; i < k * CK_PANEL; i++) out[i] = widen(format, b[i]);
}

CK_INLINE void gemv(const half_format format, size_t rows, size_t nr, size_t k, const float *x, size_t ldx,
                    const uint16_t *b, float *c, size_t ldc, const ck_f32_store *store) {
  float sums[4][CK_PANEL] = {{0}};
  for (size_t p = 0; p < k; p++, b += CK_PANEL) {
    float w[CK_PANEL];
    for (size_t n = 0; n < CK_PANEL; n++) w[n] = widen(format, b[n]);
    for (size_t i = 0; i < rows; i++)
      for (size_t n = 0; n < CK_PANEL; n++) sums[i][n] += x[i * ldx + p] * w[n];
  }
  for (size_t i = 0; i < rows; i++) ck_finish_row(i, nr, sums[i], c, ldc, store);
}

#define CK_HALF(format)                                                                                         \
  void format##_unpack_portable(size_t k, const uint16_t *b, float *out) { unpack(format, k, b, out); }         \
  void format##_gemv_4x16_portable(size_t rows, size_t nr, size_t k, const float *x, size_t ldx,                \
                                   const uint16_t *b, float *c, size_t ldc, const ck_f32_store *store) {        \
    gemv(format, rows, nr, k, x, ldx, b, c, ldc, store);                                                        \
  }
CK_HALF(f16)
CK_HALF(bf16)
