// Vector kernels for AVX2, FMA and F16C.
#if defined(__x86_64__)
#define VECTOR_LEVEL avx2
#define VECTOR_BYTES 32
#define VECTOR_F16C 1
#include <math.h>
#include <string.h>
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include "level.h"
#pragma clang attribute pop
#endif
