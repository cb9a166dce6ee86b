// What the elements of a sparse matrix hold.
#ifndef CK_SPARSE_VALUES_H
#define CK_SPARSE_VALUES_H

#include "../support/inline.h"

/// Floats, or codes that a table of 256 floats tells the values of.
typedef enum { plain, looked_up } sparse_values;

CK_INLINE float sparse_value(const sparse_values kind, const void *values, const float *floats, size_t e) {
  return kind == plain ? ((const float *)values)[e] : floats[((const uint8_t *)values)[e]];
}

// A kernel of `rows` rows at a level: spmm(kind, rows, ...), which the including file defines, under the kernel's name.
#define CK_SPMM(TARGET, name, kind, rows_per_call)                                                                \
  TARGET void name(size_t rows, size_t nr, const uint32_t *starts, const uint16_t *index, const void *values,     \
                   const float *floats, const float *x, float *c, size_t ldc, const ck_f32_store *store) {        \
    spmm(kind, rows_per_call, rows, nr, starts, index, values, floats, x, c, ldc, store);                         \
  }

#endif
