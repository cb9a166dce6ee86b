#include "../support/finish.h"
#include "../dispatch/matrix_declare.h"

// Four lanes in the compiler's own vectors: they become whatever the processor has.
#define CK_TARGET
#define CK_LANES 4
#define CK_PATTERN(name) name##_4x16_portable
typedef uint32_t vi4 __attribute__((vector_size(16)));
typedef float vf4 __attribute__((vector_size(16)));
typedef uint32_t vi4u __attribute__((vector_size(16), aligned(1)));
typedef float vf4u __attribute__((vector_size(16), aligned(1)));
#define VI vi4
typedef const float *vx;
#define VX vx
#define VF vf4
CK_INLINE vi4 vi_load(const uint32_t *p) { return *(const vi4u *)p; }
CK_INLINE vi4 vi_right(vi4 v, int by) { return v >> (uint32_t)by; }
CK_INLINE vf4 vf_zero(void) { return (vf4){0, 0, 0, 0}; }
CK_INLINE vf4 vf_load(const float *p) { return *(const vf4u *)p; }
CK_INLINE vf4 vf_add(vf4 a, vf4 b) { return a + b; }
CK_INLINE vf4 vf_fma(vf4 a, vf4 b, vf4 c) { return a * b + c; }
// Inputs stay where they are: there are no lanes to pick from in general.
#define vf_spread4(p) (p)
#define vf_spread8(p) (p)
CK_INLINE vf4 vf_pick4(const float *x, vi4 at) { return (vf4){x[at[0] & 3], x[at[1] & 3], x[at[2] & 3], x[at[3] & 3]}; }
CK_INLINE vf4 vf_pick8(const float *x, vi4 at) { return (vf4){x[at[0] & 7], x[at[1] & 7], x[at[2] & 7], x[at[3] & 7]}; }

CK_INLINE void ck_finish_tile(const int rows, size_t nr, vf4 sum[4][4], float *c, size_t ldc,
                              const ck_f32_store *store) {
  for (int r = 0; r < rows; r++) {
    float row[CK_PANEL];
    for (int h = 0; h < 4; h++) __builtin_memcpy(row + 4 * h, &sum[r][h], 16);
    ck_finish_row((size_t)r, nr, row, c, ldc, store);
  }
}

#include "pattern_template.h"
