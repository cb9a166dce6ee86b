#if defined(__x86_64__)
#include "../support/avx512.h"
#include "../dispatch/matrix_declare.h"

#define CK_TARGET CK_AVX512
#define CK_LANES 16
#define CK_PATTERN(name) name##_4x16_avx512
#define VI __m512i
#define VX __m512
#define VF __m512
#define vi_load(p) _mm512_loadu_si512(p)
#define vi_right(v, by) _mm512_srli_epi32(v, (unsigned)(by))
#define vf_zero _mm512_setzero_ps
#define vf_load _mm512_loadu_ps
#define vf_add _mm512_add_ps
#define vf_fma _mm512_fmadd_ps
#define vf_spread4(p) _mm512_broadcast_f32x4(_mm_loadu_ps(p))
// The four repeat, so that higher bits of a place change nothing.
#define vf_pick4(v, at) _mm512_permutexvar_ps(at, v)
// Places of runs of 8 have a fourth bit, always 0: lanes 0...7 of 16 are picked from. The others are zeros, which cost
// nothing: left undefined, they came from a register of sums, and every run waited for it (Ice Lake, 1x16x1024
// of which 1 of 8 is kept: 172 against 83 ns).
#define vf_spread8(p) _mm512_zextps256_ps512(_mm256_loadu_ps(p))
#define vf_pick8(v, at) _mm512_permutexvar_ps(at, v)

CK_AVX512 CK_INLINE void ck_finish_tile(const int rows, size_t nr, __m512 sum[4][1], float *c, size_t ldc,
                                        const ck_f32_store *store) {
  const __mmask16 mask = ck_mask16(nr);
  CK_UNROLL for (int r = 0; r < rows; r++)
    ck_avx512_finish_row(mask, (size_t)r, 0, sum[r][0], c, ldc, store);
}

#include "pattern_template.h"
#endif
