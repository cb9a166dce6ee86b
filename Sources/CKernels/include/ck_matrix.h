// Matrix kernels: everything that multiplies by a weight matrix.
#ifndef CK_MATRIX_H
#define CK_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#endif
