#include "../include/ck_vector.h"

extern const ck_vector_table ck_vector_table_portable;
#if defined(__x86_64__)
extern const ck_vector_table ck_vector_table_avx2;
extern const ck_vector_table ck_vector_table_avx512;
#endif

const ck_vector_table *ck_vector_table_for(int32_t level) {
#if defined(__x86_64__)
  if (level >= 2) return &ck_vector_table_avx512;
  if (level >= 1) return &ck_vector_table_avx2;
#endif
  (void)level;
  return &ck_vector_table_portable;
}

#define CK_VECTOR_NAME(name, parameters) #name,
static const char *const names[] = {CK_VECTOR_KERNELS(CK_VECTOR_NAME)};

const char *const *ck_vector_kernels(int32_t *count) {
  *count = (int32_t)(sizeof names / sizeof names[0]);
  return names;
}
