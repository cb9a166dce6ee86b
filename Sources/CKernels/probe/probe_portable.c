#include "../support/inline.h"
#include "../dispatch/matrix_declare.h"

// The compiler's own vectors of four lanes.
typedef float vf4 __attribute__((vector_size(16)));
typedef int32_t vi4 __attribute__((vector_size(16)));
#define CK_TARGET
#define CK_PROBE(name) name##_portable
#define VF vf4
#define VI vi4
CK_INLINE vf4 vf_set(float v) { return (vf4){v, v, v, v}; }
CK_INLINE vf4 vf_fma(vf4 a, vf4 b, vf4 c) { return a * b + c; }
CK_INLINE vi4 vi_set(uint32_t v) { return (vi4){(int32_t)v, (int32_t)v, (int32_t)v, (int32_t)v}; }
CK_INLINE vi4 vi_dot(vi4 s, vi4 a, vi4 b) { return s + a * b; }
CK_INLINE vi4 vi_or(vi4 a, vi4 b) { return a | b; }
CK_INLINE vi4 vi_load(const void *p) {
  vi4 v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
#define CK_DOT_PRODUCTS 4.0
#define CK_KEEP(v) __asm__ volatile("" : "+m"(v))
#include "probe_template.h"
