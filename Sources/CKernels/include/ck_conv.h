// Convolutions straight from an image.
#ifndef CK_CONV_H
#define CK_CONV_H

#include "ck_types.h"

/// y[mr, nr] of a convolution straight from an image: output pixel i sees `segments` runs of `run` values each, the
/// s-th at a[at[i] + s * a_segment]; b holds segments * run steps, the second panel `b_panel` floats on. nr is at most
/// what the kernel's name says: 24, half of the second panel, or 32.
typedef void ck_f32_conv_fn(size_t mr, size_t nr, size_t segments, size_t run, const float *_Nonnull a,
                            const int32_t *_Nonnull at, size_t a_segment, const float *_Nonnull b, size_t b_panel,
                            float *_Nonnull c, size_t ldc, const ck_f32_store *_Nonnull store);

/// The same in exact integer sums: runs of `pairs` pairs of 16-bit differences byte - zero point, b holding for each pair
/// two weights of every output together. `store` has zero column sums and zero points.
typedef void ck_s16_conv_fn(size_t mr, size_t nr, size_t segments, size_t pairs, const int16_t *_Nonnull a,
                            const int32_t *_Nonnull at, size_t a_segment, const int16_t *_Nonnull b, size_t b_panel,
                            void *_Nonnull c, size_t ldc, const ck_integer_store *_Nonnull store);

#define CK_CONV_SLOTS(S, O)     \
  S(f32_conv, ck_f32_conv_fn)   \
  S(s16_conv, ck_s16_conv_fn)

#define CK_CONV_KERNELS(X)                            \
  X(0, f32_conv, f32_conv_12x24_portable, 12, 2, 1)   \
  X(0, s16_conv, s16_conv_12x24_portable, 12, 2, 2)   \
  CK_X86(                                             \
    X(1, f32_conv, f32_conv_12x24_avx2, 12, 2, 1)     \
    X(1, s16_conv, s16_conv_12x24_avx2, 12, 2, 2)     \
    X(2, f32_conv, f32_conv_8x32_avx512, 8, 2, 1)     \
  )

#endif
