// Number formats: half and bfloat16 (round to nearest, ties to even), and 8-bit quantization.

#if VECTOR_F16C
INLINE uint16_t half_of(float x) {
  __fp16 h = (__fp16)x;
  uint16_t bits;
  memcpy(&bits, &h, sizeof bits);
  return bits;
}
INLINE float float_of_half(uint16_t bits) {
  __fp16 h;
  memcpy(&h, &bits, sizeof h);
  return (float)h;
}
#else
INLINE uint16_t half_of(float x) {
  uint32_t bits = bits_of(x), sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
  // Normal results: rebias the exponent and round away 13 bits; a carry may run into the exponent, as it should.
  uint32_t rebased = magnitude - (112u << 23);
  uint32_t normal = (rebased + 0xFFFu + ((rebased >> 13) & 1u)) >> 13;
  // Denormal results: an addition aligned so that the sum's last bit is half's smallest step rounds exactly.
  uint32_t denormal = bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f);
  uint32_t half = magnitude < (113u << 23) ? denormal : normal;
  half = magnitude >= 0x477FF000u ? 0x7C00u : half;
  half = magnitude > 0x7F800000u ? 0x7E00u | ((magnitude >> 13) & 0x3FFu) : half;
  return (uint16_t)(half | sign);
}
INLINE float float_of_half(uint16_t h) {
  uint32_t sign = (uint32_t)(h & 0x8000u) << 16, magnitude = h & 0x7FFFu;
  float normal = float_of((magnitude << 13) + (112u << 23));
  float denormal = (float)(int32_t)magnitude * 0x1p-24f;
  uint32_t special = 0x7F800000u | ((magnitude & 0x3FFu) << 13) | (magnitude > 0x7C00u ? 0x400000u : 0u);
  uint32_t bits = magnitude < 0x400u ? bits_of(denormal) : bits_of(normal);
  bits = magnitude >= 0x7C00u ? special : bits;
  return float_of(bits | sign);
}
#endif

KERNEL(f32_to_f16)(size_t n, const float *x, uint16_t *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = half_of(x[i]);
}
KERNEL(f16_to_f32)(size_t n, const uint16_t *x, float *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = float_of_half(x[i]);
}

KERNEL(f32_to_bf16)(size_t n, const float *x, uint16_t *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) {
    uint32_t bits = bits_of(x[i]);
    uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
    out[i] = (uint16_t)((bits & 0x7FFFFFFFu) > 0x7F800000u ? (bits >> 16) | 0x40u : rounded);
  }
}
KERNEL(bf16_to_f32)(size_t n, const uint16_t *x, float *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = float_of((uint32_t)x[i] << 16);
}

/// x / scale + zero_point, rounded half to even, in smallest...largest. Clamped before rounding, so that the conversion
/// to an integer is always in range. NaN fails every test: the zero point.
INLINE int32_t quantize_f32(float x, float scale, int32_t zero_point, int32_t smallest, int32_t largest) {
  const float low = (float)(smallest - zero_point), high = (float)(largest - zero_point);
  float y = x / scale;
  y = y == y ? y : 0.0f;
  y = y < low ? low : y;
  y = y > high ? high : y;
  return (int32_t)(bits_of(y + ROUNDING) - bits_of(ROUNDING)) + zero_point;
}

INLINE float dequantize_f32(int32_t code, float scale, int32_t zero_point) {
  return (float)(int32_t)((uint32_t)code - (uint32_t)zero_point) * scale;
}

KERNEL(f32_quantize_u8)(size_t n, const float *x, float scale, int32_t zero_point, uint8_t *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = (uint8_t)quantize_f32(x[i], scale, zero_point, 0, 255);
}
KERNEL(f32_quantize_s8)(size_t n, const float *x, float scale, int32_t zero_point, int8_t *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = (int8_t)quantize_f32(x[i], scale, zero_point, -128, 127);
}
KERNEL(u8_dequantize_f32)(size_t n, const uint8_t *x, float scale, int32_t zero_point, float *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = dequantize_f32(x[i], scale, zero_point);
}
KERNEL(s8_dequantize_f32)(size_t n, const int8_t *x, float scale, int32_t zero_point, float *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = dequantize_f32(x[i], scale, zero_point);
}
KERNEL(s32_dequantize_f32)(size_t n, const int32_t *x, float scale, int32_t zero_point, float *out) {
  INDEPENDENT for (size_t i = 0; i < n; i++) out[i] = dequantize_f32(x[i], scale, zero_point);
}
