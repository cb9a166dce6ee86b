#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

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
#define vb_sub(v, minus) _mm256_sub_epi8(v, _mm256_set1_epi8(minus))
#define vf_zero _mm256_setzero_ps
#define vf_set _mm256_set1_ps
#define vf_load _mm256_loadu_ps
#define vf_store _mm256_storeu_ps
#define vf_float _mm256_cvtepi32_ps
#define vf_add _mm256_add_ps
#define vf_mul _mm256_mul_ps
#define vf_fma _mm256_fmadd_ps
#define vf_fms _mm256_fmsub_ps

/// Entries by lanes' lowest 4 bits: two halves of the table, told apart by bit 3.
CK_AVX2 CK_INLINE __m256 vf_among16(const float *levels, __m256i at) {
  const __m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(levels), at);
  const __m256 high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(levels + 8), at);
  return _mm256_blendv_ps(low, high, _mm256_castsi256_ps(_mm256_slli_epi32(at, 28)));
}
/// Each entry is loaded alone: a gather took three times as long (Ice Lake: n8_gemv of 1x16x4096 66 against 20 us).
CK_AVX2 CK_INLINE __m256 among256(const float *levels, __m256i at) {
  const __m128i low = _mm256_castsi256_si128(at), high = _mm256_extracti128_si256(at, 1);
  return _mm256_setr_ps(levels[_mm_extract_epi8(low, 0)], levels[_mm_extract_epi8(low, 4)],
                        levels[_mm_extract_epi8(low, 8)], levels[_mm_extract_epi8(low, 12)],
                        levels[_mm_extract_epi8(high, 0)], levels[_mm_extract_epi8(high, 4)],
                        levels[_mm_extract_epi8(high, 8)], levels[_mm_extract_epi8(high, 12)]);
}
#define vf_among256 among256

CK_AVX2 CK_INLINE void ck_finish_tile(const int rows, size_t nr, __m256 sum[4][2], float *c, size_t ldc,
                                      const ck_f32_store *store) {
  ck_avx2_finish f = ck_avx2_finish_begin(nr, store);
  CK_UNROLL for (int r = 0; r < rows; r++)
    ck_avx2_finish_row(&f, nr >= CK_PANEL, (size_t)r, sum[r][0], sum[r][1], c, ldc, store);
}

#include "packed_template.h"

#define CK_FIXED(name) name##_1x16_avx2
#define vs_dot _mm256_maddubs_epi16
#define vs_add _mm256_add_epi16
#define vs_pairs(v) _mm256_madd_epi16(v, _mm256_set1_epi16(1))
#define vi_add _mm256_add_epi32
#define vi_pin(v) __asm__("" : "+x"(v))
#define vb_among16(table, at) \
  _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(table))), at)
#include "fixed_template.h"
#endif
