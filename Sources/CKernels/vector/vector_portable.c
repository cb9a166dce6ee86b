// Vector kernels in plain C for any processor; the compiler uses the architecture's baseline (SSE2 on x86-64).
#define VECTOR_LEVEL portable
#define VECTOR_BYTES 16
#define VECTOR_F16C 0
#include "level.h"
