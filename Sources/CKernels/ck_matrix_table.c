#include "include/ck_matrix.h"

#include <string.h>

#include "ck_matrix_declare.h"

ck_matrix_table ck_matrix_table_for(int32_t level) {
  ck_matrix_table table;
  memset(&table, 0, sizeof table);
#define CK_OVERLAY(at, slot, kernel, r, p, d)                                              \
  if (level >= (at)) {                                                                     \
    table.slot = kernel;                                                                   \
    table.slot##_info = (ck_kernel_info){#kernel, (at), (r), (p), (d)};                    \
  }
  CK_MATRIX_KERNELS(CK_OVERLAY)
  return table;
}
