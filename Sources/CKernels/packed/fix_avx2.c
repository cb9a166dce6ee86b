#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

// Only for AVX2: the same code for AVX-512 took 1.04 to 1.22 times as long (Ice Lake).

// Most values that share a step.
#define CK_WIDEST_SPAN CK_FIXED_DEPTH

CK_AVX2 int32_t f32_fix_avx2(size_t count, size_t padded, size_t span, const float *x, int32_t *limbs,
                             float *steps) {
  for (size_t first = 0; first < padded; first += span) {
    const size_t here = padded - first < span ? padded - first : span;
    float v[CK_WIDEST_SPAN] = {0};
    uint32_t largest = 0;
    const size_t given = first >= count ? 0 : count - first < here ? count - first : here;
    __builtin_memcpy(v, x + first, given * sizeof(float));
    for (size_t k = 0; k < CK_WIDEST_SPAN; k++) {
      uint32_t bits;
      __builtin_memcpy(&bits, v + k, 4);
      bits &= 0x7fffffffu;
      largest = bits > largest ? bits : largest;
    }
    // Between 2^-100 and 2^100 everything below stays finite and normal.
    if (largest != 0 && (largest < (27u << 23) || largest >= (227u << 23))) return 0;
    // The largest becomes 2^22 to 2^23, less where its highest limb would pass 127.
    uint32_t exponent = largest >> 23;
    if ((largest & 0x7fffffu) >= 0x7e0000u) exponent += 1;
    const uint32_t up_bits = (254u + 22u - exponent) << 23, down_bits = (exponent - 22u) << 23;
    float up = 0, down = 0;
    if (largest != 0) {
      __builtin_memcpy(&up, &up_bits, 4);
      __builtin_memcpy(&down, &down_bits, 4);
    }
    int8_t bytes[3][CK_WIDEST_SPAN];
    for (size_t k = 0; k < CK_WIDEST_SPAN; k++) {
      const int32_t whole = (int32_t)__builtin_rintf(v[k] * up);
      const int32_t low = (int32_t)((uint32_t)whole << 24) >> 24;
      const int32_t above = (whole - low) >> 8;
      const int32_t middle = (int32_t)((uint32_t)above << 24) >> 24;
      bytes[0][k] = (int8_t)((above - middle) >> 8);
      bytes[1][k] = (int8_t)middle;
      bytes[2][k] = (int8_t)low;
    }
    for (size_t k = 0; k < here; k += 4, limbs += 3)
      for (int l = 0; l < 3; l++) __builtin_memcpy(limbs + l, bytes[l] + k, 4);
    steps[0] = down * 65536;
    steps[1] = down * 256;
    steps[2] = down;
    steps += 3;
  }
  return 1;
}
#endif
