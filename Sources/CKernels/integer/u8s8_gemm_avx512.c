#if defined(__x86_64__)
#include "../support/avx512.h"
#include "../dispatch/matrix_declare.h"

// Both operands widened to 16 bits: pmaddwd cannot saturate on them, unlike pmaddubsw on bytes.
CK_AVX512 CK_INLINE __m512i u8s8_widen_avx512(const int8_t *b) {
  return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)b));
}
CK_AVX512 CK_INLINE __m512i u8s8_dot_avx512(__m512i sum, __m512i x, __m512i w) {
  return _mm512_add_epi32(sum, _mm512_madd_epi16(x, w));
}
#define CK_TARGET CK_AVX512
#define CK_NAME(kernel) u8s8_##kernel##_avx512
#define CK_DEPTH 2
#include "u8s8_gemm_template.h"

// For |w0| + |w1| <= 128 in each pair: 255 * 128 < 2^15, so that pmaddubsw is exact.
CK_AVX512 CK_INLINE __m512i u8s7_widen_avx512(const int8_t *b) { return _mm512_loadu_si512(b); }
CK_AVX512 CK_INLINE __m512i u8s7_dot_avx512(__m512i sum, __m512i x, __m512i w) {
  return _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_maddubs_epi16(x, w), _mm512_set1_epi16(1)));
}
#define CK_TARGET CK_AVX512
#define CK_NAME(kernel) u8s7_##kernel##_avx512
#define CK_DEPTH 4
#include "u8s8_gemm_template.h"
#endif
