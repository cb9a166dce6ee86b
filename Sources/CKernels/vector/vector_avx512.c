// Vector kernels for AVX-512 F, BW, DQ and VL.
#if defined(__x86_64__)
#define VECTOR_LEVEL avx512
#define VECTOR_BYTES 64
#define VECTOR_F16C 1
#include <math.h>
#include <string.h>
#pragma clang attribute push( \
    __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#include "level.h"
#pragma clang attribute pop
#endif
