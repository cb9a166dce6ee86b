#if defined(__x86_64__)
#include "ck_avx512.h"
#include "ck_matrix_declare.h"

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
#define vi_triple16(v) _mm512_mullo_epi16(v, _mm512_set1_epi16(3))
#define vf_zero _mm512_setzero_ps
#define vf_set _mm512_set1_ps
#define vf_load _mm512_loadu_ps
#define vf_store _mm512_storeu_ps
#define vf_float _mm512_cvtepi32_ps
#define vf_add _mm512_add_ps
#define vf_fma _mm512_fmadd_ps
#define vf_fms _mm512_fmsub_ps

CK_AVX512 CK_INLINE void ck_finish_tile(const int rows, size_t nr, __m512 sum[4][1], float *c, size_t ldc,
                                        const ck_f32_store *store) {
  const __mmask16 mask = ck_mask16(nr);
  CK_UNROLL for (int r = 0; r < rows; r++)
    ck_avx512_finish_row(mask, (size_t)r, 0, sum[r][0], c, ldc, store);
}

#include "ck_packed_template.h"
#endif
