#if defined(__x86_64__)
#include "../support/avx512.h"
#include "../dispatch/matrix_declare.h"

// vpdpbusd adds four products into 32 bits without saturating between: exact for all bytes.
CK_VNNI CK_INLINE __m512i u8s8_widen_avx512vnni(const int8_t *b) { return _mm512_loadu_si512(b); }
CK_VNNI CK_INLINE __m512i u8s8_dot_avx512vnni(__m512i sum, __m512i x, __m512i w) {
  return _mm512_dpbusd_epi32(sum, x, w);
}
#define CK_TARGET CK_VNNI
#define CK_NAME(kernel) u8s8_##kernel##_avx512vnni
#define CK_DEPTH 4
#include "u8s8_gemm_template.h"
#endif
