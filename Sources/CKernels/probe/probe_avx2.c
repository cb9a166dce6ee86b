#if defined(__x86_64__)
#include "../support/avx2.h"
#include "../dispatch/matrix_declare.h"

#define CK_TARGET CK_AVX2
#define CK_PROBE(name) name##_avx2
#define VF __m256
#define VI __m256i
#define vf_set _mm256_set1_ps
#define vf_fma _mm256_fmadd_ps
#define vi_set(word) _mm256_set1_epi32((int)(word))
#define vi_dot(s, a, b) _mm256_add_epi32(s, _mm256_madd_epi16(a, b))
#define vi_or _mm256_or_si256
#define vi_load(p) _mm256_loadu_si256((const __m256i *)(p))
#define CK_DOT_PRODUCTS 16.0
#define CK_KEEP(v) __asm__ volatile("" : "+x"(v))
#include "probe_template.h"
#endif
