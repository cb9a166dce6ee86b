// Vector kernels: elementwise, activation, softmax, normalization, pooling, layout, half conversion.
#ifndef CK_VECTOR_H
#define CK_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#endif
