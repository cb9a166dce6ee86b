// Included by vector_<level>.c after it has set
//   VECTOR_LEVEL   the suffix of its functions
//   VECTOR_BYTES   the width of its registers
//   VECTOR_F16C    1 where half precision converts in hardware
// and switched the target on: compiles every vector kernel for that level and defines its table.
#include <math.h>
#include <string.h>

#include "../include/ck_vector.h"
#include "../support/inline.h"

#define VECTOR_PASTE2(a, b) a##_##b
#define VECTOR_PASTE(a, b) VECTOR_PASTE2(a, b)
#define KERNEL(name) static void VECTOR_PASTE(name, VECTOR_LEVEL)
#define INLINE CK_INLINE
// Elements are independent of each other also where out is an input, which the compiler cannot see.
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety) interleave(enable)")
#define LANES (VECTOR_BYTES / 4)

typedef float vecf __attribute__((vector_size(VECTOR_BYTES), aligned(4)));
typedef float vec4 __attribute__((vector_size(16), aligned(4)));
typedef int32_t veci __attribute__((vector_size(VECTOR_BYTES), aligned(4)));

INLINE vecf load(const float *p) {
  vecf v;
  memcpy(&v, p, sizeof v);
  return v;
}
INLINE void store(float *p, vecf v) { memcpy(p, &v, sizeof v); }
// Lanes of a where the mask has ones, of b where it has zeros.
INLINE vecf either(veci mask, vecf a, vecf b) { return (vecf)(((veci)a & mask) | ((veci)b & ~mask)); }

#include "math.h"

#include "elementwise.h"
#include "rows.h"
#include "pool.h"
#include "layout.h"
#include "convert.h"
#include "matmul.h"
#include "attention.h"
#include "recurrent.h"
#include "compress.h"

#define VECTOR_ENTRY(name, parameters) .name = VECTOR_PASTE(name, VECTOR_LEVEL),
const ck_vector_table VECTOR_PASTE(ck_vector_table, VECTOR_LEVEL) = {CK_VECTOR_KERNELS(VECTOR_ENTRY)};
#undef VECTOR_ENTRY
