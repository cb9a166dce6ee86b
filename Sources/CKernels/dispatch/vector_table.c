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
