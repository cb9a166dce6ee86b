// Weights of which each run of 4 or 8 along k keeps the same few: 1 and 2 of 4, 1, 2 and 4 of 8.
#ifndef CK_PATTERN_H
#define CK_PATTERN_H

#include "ck_types.h"

/// One panel of weights that keep some of each run of k, in `groups` groups (see pattern_template.h), times 1 to 4
/// rows; x reaches to the end of the last group.
typedef void ck_pattern_fn(size_t rows, size_t nr, size_t groups, const uint32_t *_Nonnull panel,
                           const float *_Nonnull x, size_t ldx, float *_Nonnull c, size_t ldc,
                           const ck_f32_store *_Nonnull store);

#define CK_PATTERN_SLOTS(S, O)        \
  S(f32_pattern1of4, ck_pattern_fn)   \
  S(f32_pattern2of4, ck_pattern_fn)   \
  S(f32_pattern1of8, ck_pattern_fn)   \
  S(f32_pattern2of8, ck_pattern_fn)   \
  S(f32_pattern4of8, ck_pattern_fn)

#define CK_PATTERN_KERNELS(X)                                     \
  X(0, f32_pattern1of4, f32_pattern1of4_4x16_portable, 4, 1, 1)   \
  X(0, f32_pattern2of4, f32_pattern2of4_4x16_portable, 4, 1, 1)   \
  X(0, f32_pattern1of8, f32_pattern1of8_4x16_portable, 4, 1, 1)   \
  X(0, f32_pattern2of8, f32_pattern2of8_4x16_portable, 4, 1, 1)   \
  X(0, f32_pattern4of8, f32_pattern4of8_4x16_portable, 4, 1, 1)   \
  CK_X86(                                                         \
    X(1, f32_pattern1of4, f32_pattern1of4_4x16_avx2, 4, 1, 1)     \
    X(1, f32_pattern2of4, f32_pattern2of4_4x16_avx2, 4, 1, 1)     \
    X(1, f32_pattern1of8, f32_pattern1of8_4x16_avx2, 4, 1, 1)     \
    X(1, f32_pattern2of8, f32_pattern2of8_4x16_avx2, 4, 1, 1)     \
    X(1, f32_pattern4of8, f32_pattern4of8_4x16_avx2, 4, 1, 1)     \
    X(2, f32_pattern1of4, f32_pattern1of4_4x16_avx512, 4, 1, 1)   \
    X(2, f32_pattern2of4, f32_pattern2of4_4x16_avx512, 4, 1, 1)   \
    X(2, f32_pattern1of8, f32_pattern1of8_4x16_avx512, 4, 1, 1)   \
    X(2, f32_pattern2of8, f32_pattern2of8_4x16_avx512, 4, 1, 1)   \
    X(2, f32_pattern4of8, f32_pattern4of8_4x16_avx512, 4, 1, 1)   \
  )

#endif
