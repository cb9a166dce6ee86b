#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

#define CK_TARGET CK_AVX2
#define CK_LANES 8
#define CK_PATTERN(name) name##_4x16_avx2
#define VI __m256i
#define VX __m256
#define VF __m256
#define vi_load(p) _mm256_loadu_si256((const __m256i *)(p))
#define vi_right _mm256_srli_epi32
#define vf_zero _mm256_setzero_ps
#define vf_load _mm256_loadu_ps
#define vf_add _mm256_add_ps
#define vf_fma _mm256_fmadd_ps
#define vf_spread4(p) _mm256_broadcast_ps((const __m128 *)(p))
#define vf_pick4 _mm256_permutevar_ps
#define vf_spread8(p) _mm256_loadu_ps(p)
#define vf_pick8 _mm256_permutevar8x32_ps

CK_AVX2 CK_INLINE void ck_finish_tile(const int rows, size_t nr, __m256 sum[4][2], float *c, size_t ldc,
                                      const ck_f32_store *store) {
  ck_avx2_finish f = ck_avx2_finish_begin(nr, store);
  CK_UNROLL for (int r = 0; r < rows; r++)
    ck_avx2_finish_row(&f, nr >= CK_PANEL, (size_t)r, sum[r][0], sum[r][1], c, ldc, store);
}

#include "pattern_template.h"
#endif
