// Sparse products in plain C, compiled for a target the including file names in CK_TARGET:
//   CK_SPMV(name) adds the level to a kernel's name.
// Four sums run side by side, so that additions need not wait for each other.

#define CK_DEFINE_SPMV(kernel, type, value)                                                                   \
  CK_TARGET void CK_SPMV(kernel)(size_t nr, const uint32_t *starts, const uint16_t *index, const void *values, \
                                 const float *floats, const float *x, float *c, const ck_f32_store *store) {  \
    (void)floats;                                                                                             \
    const type *all = values;                                                                                 \
    float sums[CK_PANEL];                                                                                     \
    for (size_t n = 0; n < nr; n++) {                                                                         \
      float s0 = 0, s1 = 0, s2 = 0, s3 = 0;                                                                   \
      size_t e = starts[n];                                                                                   \
      const size_t end = starts[n + 1];                                                                       \
      for (; e + 4 <= end; e += 4) {                                                                          \
        s0 += value(all[e]) * x[index[e]];                                                                    \
        s1 += value(all[e + 1]) * x[index[e + 1]];                                                            \
        s2 += value(all[e + 2]) * x[index[e + 2]];                                                            \
        s3 += value(all[e + 3]) * x[index[e + 3]];                                                            \
      }                                                                                                       \
      for (; e < end; e++) s0 += value(all[e]) * x[index[e]];                                                 \
      sums[n] = (s0 + s1) + (s2 + s3);                                                                        \
    }                                                                                                         \
    ck_finish_row(0, nr, sums, c, 0, store);                                                                  \
  }

#define CK_PLAIN(v) (v)
#define CK_LOOKED_UP(v) (floats[(uint8_t)(v)])
CK_DEFINE_SPMV(f32_spmv, float, CK_PLAIN)
CK_DEFINE_SPMV(s8_spmv, int8_t, CK_LOOKED_UP)
