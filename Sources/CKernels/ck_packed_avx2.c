#if defined(__x86_64__)
#include "ck_avx2.h"
#include "ck_matrix_declare.h"

#define CK_TARGET CK_AVX2
#define CK_LANES 8
#define CK_KERNEL(name) name##_avx2
#define CK_GEMV(name) name##_4x16_avx2
#define VI __m256i
#define VF __m256
#define vi_load(p) _mm256_loadu_si256((const __m256i *)(p))
#define vi_store(p, v) _mm256_storeu_si256((__m256i *)(p), v)
#define vi_set(word) _mm256_set1_epi32((int)(word))
#define vi_and _mm256_and_si256
#define vi_or _mm256_or_si256
#define vi_left _mm256_slli_epi32
#define vi_right _mm256_srli_epi32
#define vi_triple16(v) _mm256_mullo_epi16(v, _mm256_set1_epi16(3))
#define vf_zero _mm256_setzero_ps
#define vf_set _mm256_set1_ps
#define vf_load _mm256_loadu_ps
#define vf_store _mm256_storeu_ps
#define vf_float _mm256_cvtepi32_ps
#define vf_add _mm256_add_ps
#define vf_fma _mm256_fmadd_ps
#define vf_fms _mm256_fmsub_ps

CK_AVX2 CK_INLINE void ck_finish_tile(const int rows, size_t nr, __m256 sum[4][2], float *c, size_t ldc,
                                      const ck_f32_store *store) {
  ck_avx2_finish f = ck_avx2_finish_begin(nr, store);
  CK_UNROLL for (int r = 0; r < rows; r++)
    ck_avx2_finish_row(&f, nr >= CK_PANEL, (size_t)r, sum[r][0], sum[r][1], c, ldc, store);
}

#include "ck_packed_template.h"
#endif
