#if defined(__x86_64__)
#include "../support/avx512.h"
#include "../dispatch/matrix_declare.h"

#define CK_TARGET CK_AVX512
#define CK_PROBE(name) name##_avx512
#define VF __m512
#define VI __m512i
#define vf_set _mm512_set1_ps
#define vf_fma _mm512_fmadd_ps
#define vi_set(word) _mm512_set1_epi32((int)(word))
#define vi_dot(s, a, b) _mm512_add_epi32(s, _mm512_madd_epi16(a, b))
#define vi_or _mm512_or_si512
#define vi_load(p) _mm512_loadu_si512(p)
#define CK_DOT_PRODUCTS 32.0
#define CK_KEEP(v) __asm__ volatile("" : "+m"(v))
#include "probe_template.h"
#undef CK_TARGET
#undef CK_PROBE
#undef CK_DOT_PRODUCTS
#undef vi_dot

CK_VNNI double u8s8_peak_avx512vnni(size_t rounds) {
  __m512i sum[CK_CHAINS], a = _mm512_set1_epi32(0x01010101);
  CK_UNROLL for (int i = 0; i < CK_CHAINS; i++) sum[i] = _mm512_set1_epi32(i);
  for (size_t r = 0; r < rounds; r++) {
    CK_KEEP(a);
    CK_UNROLL for (int i = 0; i < CK_CHAINS; i++) sum[i] = _mm512_dpbusd_epi32(sum[i], a, a);
  }
  CK_UNROLL for (int i = 0; i < CK_CHAINS; i++) CK_KEEP(sum[i]);
  return 2.0 * CK_CHAINS * 64 * (double)rounds;
}
#endif
