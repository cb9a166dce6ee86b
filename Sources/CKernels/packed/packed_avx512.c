#if defined(__x86_64__)
#include "../support/avx512.h"
#include "../dispatch/matrix_declare.h"

#define CK_TARGET CK_AVX512
#define CK_LANES 16
#define CK_KERNEL(name) name##_avx512
#define CK_GEMV(name) name##_4x16_avx512
#define VI __m512i
#define VF __m512
#define vi_load(p) _mm512_loadu_si512(p)
#define vi_store(p, v) _mm512_storeu_si512(p, v)
#define vi_set(word) _mm512_set1_epi32((int)(word))
#define vi_and _mm512_and_si512
#define vi_or _mm512_or_si512
#define vi_left(v, by) _mm512_slli_epi32(v, (unsigned)(by))
#define vi_right(v, by) _mm512_srli_epi32(v, (unsigned)(by))
#define vb_sub(v, minus) _mm512_sub_epi8(v, _mm512_set1_epi8(minus))
#define vf_zero _mm512_setzero_ps
#define vf_set _mm512_set1_ps
#define vf_load _mm512_loadu_ps
#define vf_store _mm512_storeu_ps
#define vf_float _mm512_cvtepi32_ps
#define vf_add _mm512_add_ps
#define vf_mul _mm512_mul_ps
#define vf_fma _mm512_fmadd_ps
#define vf_fms _mm512_fmsub_ps

CK_AVX512 CK_INLINE __m512 vf_among16(const float *levels, __m512i at) {
  return _mm512_permutexvar_ps(at, _mm512_loadu_ps(levels));
}
// No kernels for places of 8 bits: sixteen entries loaded alone, or gathered, lose to AVX2's eight (Ice Lake, n8_gemv of
// 1x16x4096: 29 and 38 against 20 us).

CK_AVX512 CK_INLINE void ck_finish_tile(const int rows, size_t nr, __m512 sum[4][1], float *c, size_t ldc,
                                        const ck_f32_store *store) {
  const __mmask16 mask = ck_mask16(nr);
  CK_UNROLL for (int r = 0; r < rows; r++)
    ck_avx512_finish_row(mask, (size_t)r, 0, sum[r][0], c, ldc, store);
}

#include "packed_template.h"

#define CK_FIXED(name) name##_1x16_avx512
#define vs_dot _mm512_maddubs_epi16
#define vs_add _mm512_add_epi16
#define vs_pairs(v) _mm512_madd_epi16(v, _mm512_set1_epi16(1))
#define vi_add _mm512_add_epi32
// Registers are plenty.
#define vi_pin(v) ((void)0)
#define vb_among16(table, at) \
  _mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(table))), at)
#include "fixed_template.h"
#endif
