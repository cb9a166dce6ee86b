#include "../dispatch/matrix_declare.h"

#if defined(__SSE2__)
#include <xmmintrin.h>

// Blocks of 4x4 turned in registers: two elements per load instead of one.
static size_t pack_four(size_t k, const float *x, size_t ldx, float *out, size_t step) {
  size_t p = 0;
  for (; p + 4 <= k; p += 4) {
    __m128 r0 = _mm_loadu_ps(x + p), r1 = _mm_loadu_ps(x + ldx + p);
    __m128 r2 = _mm_loadu_ps(x + 2 * ldx + p), r3 = _mm_loadu_ps(x + 3 * ldx + p);
    _MM_TRANSPOSE4_PS(r0, r1, r2, r3);
    _mm_storeu_ps(out + p * step, r0);
    _mm_storeu_ps(out + (p + 1) * step, r1);
    _mm_storeu_ps(out + (p + 2) * step, r2);
    _mm_storeu_ps(out + (p + 3) * step, r3);
  }
  return p;
}

static size_t pack_two(size_t k, const float *x, size_t ldx, float *out, size_t step) {
  size_t p = 0;
  for (; p + 4 <= k; p += 4) {
    __m128 r0 = _mm_loadu_ps(x + p), r1 = _mm_loadu_ps(x + ldx + p);
    __m128 low = _mm_unpacklo_ps(r0, r1), high = _mm_unpackhi_ps(r0, r1);
    _mm_storel_pi((__m64 *)(out + p * step), low);
    _mm_storeh_pi((__m64 *)(out + (p + 1) * step), low);
    _mm_storel_pi((__m64 *)(out + (p + 2) * step), high);
    _mm_storeh_pi((__m64 *)(out + (p + 3) * step), high);
  }
  return p;
}
#else
static size_t pack_four(size_t k, const float *x, size_t ldx, float *out, size_t step) {
  (void)k, (void)x, (void)ldx, (void)out, (void)step;
  return 0;
}
static size_t pack_two(size_t k, const float *x, size_t ldx, float *out, size_t step) {
  return pack_four(k, x, ldx, out, step);
}
#endif

static void pack_rest(size_t rows, size_t from, size_t k, const float *x, size_t ldx, float *out, size_t step) {
  for (size_t p = from; p < k; p++)
    for (size_t i = 0; i < rows; i++) out[p * step + i] = x[i * ldx + p];
}

void f32_pack_portable(size_t mr, size_t k, const float *x, size_t ldx, float *out, size_t step) {
  while (mr > 0) {
    size_t rows = mr >= 4 ? 4 : mr >= 2 ? 2 : 1;
    size_t done = rows == 4 ? pack_four(k, x, ldx, out, step) : rows == 2 ? pack_two(k, x, ldx, out, step) : 0;
    pack_rest(rows, done, k, x, ldx, out, step);
    mr -= rows;
    x += rows * ldx;
    out += rows;
  }
}
