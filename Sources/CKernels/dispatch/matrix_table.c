#include "../include/ck_matrix.h"

#include <string.h>

#include "matrix_declare.h"

ck_matrix_table ck_matrix_table_for(int32_t level) {
  ck_matrix_table table;
  memset(&table, 0, sizeof table);
#define CK_OVERLAY(at, slot, kernel, r, p, d)                                       \
  if (level >= (at)) {                                                              \
    table.slot = kernel;                                                            \
    table.slot##_info = (ck_kernel_info){#kernel, #slot, (at), (r), (p), (d)};      \
  }
  CK_MATRIX_KERNELS(CK_OVERLAY)
  return table;
}

#define CK_INFO(at, slot, kernel, r, p, d) {#kernel, #slot, (at), (r), (p), (d)},
static const ck_kernel_info kernels[] = {CK_MATRIX_KERNELS(CK_INFO)};

const ck_kernel_info *ck_matrix_kernels(int32_t *count) {
  *count = (int32_t)(sizeof kernels / sizeof kernels[0]);
  return kernels;
}

#define CK_NAME(slot, type) #slot,
static const char *const slots[] = {CK_MATRIX_SLOTS(CK_NAME, CK_NAME)};

const char *const *ck_matrix_slots(int32_t *count) {
  *count = (int32_t)(sizeof slots / sizeof slots[0]);
  return slots;
}
