#include "../support/finish.h"
#include "../dispatch/matrix_declare.h"

// Four lanes in the compiler's own vectors: they become whatever the processor has.
#define CK_TARGET
#define CK_LANES 4
#define CK_KERNEL(name) name##_portable
#define CK_GEMV(name) name##_4x16_portable
typedef uint32_t vi4 __attribute__((vector_size(16)));
typedef int32_t vi4s __attribute__((vector_size(16)));
typedef float vf4 __attribute__((vector_size(16)));
typedef uint32_t vi4u __attribute__((vector_size(16), aligned(1)));
typedef float vf4u __attribute__((vector_size(16), aligned(1)));
#define VI vi4
#define VF vf4
CK_INLINE vi4 vi_load(const uint32_t *p) { return *(const vi4u *)p; }
CK_INLINE void vi_store(void *p, vi4 v) { *(vi4u *)p = v; }
CK_INLINE vi4 vi_set(uint32_t w) { return (vi4){w, w, w, w}; }
CK_INLINE vi4 vi_and(vi4 a, vi4 b) { return a & b; }
CK_INLINE vi4 vi_or(vi4 a, vi4 b) { return a | b; }
CK_INLINE vi4 vi_left(vi4 v, int by) { return v << (uint32_t)by; }
CK_INLINE vi4 vi_right(vi4 v, int by) { return v >> (uint32_t)by; }
typedef int8_t vb16 __attribute__((vector_size(16)));
CK_INLINE vi4 vb_sub(vi4 v, int8_t minus) { return (vi4)((vb16)v - minus); }
CK_INLINE vf4 vf_set(float f) { return (vf4){f, f, f, f}; }
CK_INLINE vf4 vf_zero(void) { return vf_set(0); }
CK_INLINE vf4 vf_load(const float *p) { return *(const vf4u *)p; }
CK_INLINE void vf_store(float *p, vf4 v) { *(vf4u *)p = v; }
// Values stay below 2^24 bits wide and positive: signed conversion is exact.
CK_INLINE vf4 vf_float(vi4 v) { return __builtin_convertvector((vi4s)v, vf4); }
CK_INLINE vf4 vf_add(vf4 a, vf4 b) { return a + b; }
CK_INLINE vf4 vf_mul(vf4 a, vf4 b) { return a * b; }
CK_INLINE vf4 vf_among16(const float *t, vi4 i) {
  return (vf4){t[i[0] & 15], t[i[1] & 15], t[i[2] & 15], t[i[3] & 15]};
}
#define vf_among256 among256
CK_INLINE vf4 among256(const float *t, vi4 i) {
  return (vf4){t[i[0] & 255], t[i[1] & 255], t[i[2] & 255], t[i[3] & 255]};
}
CK_INLINE vf4 vf_fma(vf4 a, vf4 b, vf4 c) { return a * b + c; }
CK_INLINE vf4 vf_fms(vf4 a, vf4 b, vf4 c) { return a * b - c; }

CK_INLINE void ck_finish_tile(const int rows, size_t nr, vf4 sum[4][4], float *c, size_t ldc,
                              const ck_f32_store *store) {
  for (int r = 0; r < rows; r++) {
    float row[CK_PANEL];
    for (int h = 0; h < 4; h++) vf_store(row + 4 * h, sum[r][h]);
    ck_finish_row((size_t)r, nr, row, c, ldc, store);
  }
}

#include "packed_template.h"
