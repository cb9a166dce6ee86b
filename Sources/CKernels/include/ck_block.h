// Weights pruned in blocks: strips of 8 outputs.
#ifndef CK_BLOCK_H
#define CK_BLOCK_H

#include "ck_types.h"

/// A panel of two strips of 8 outputs, each with the inputs that any of its outputs keeps: strip h has elements
/// starts[h]..<starts[h + 1], an input's place and 8 weights each. x element (i, p) is a[i + p * a_step].
typedef void ck_block_fn(size_t mr, size_t nr, const uint32_t *_Nonnull starts, const uint32_t *_Nonnull index,
                         const float *_Nonnull values, const float *_Nonnull a, size_t a_step, float *_Nonnull c,
                         size_t ldc, const ck_f32_store *_Nonnull store);

#define CK_BLOCK_SLOTS(S, O)   \
  S(f32_block, ck_block_fn)

#define CK_BLOCK_KERNELS(X)                             \
  X(0, f32_block, f32_block_12x16_portable, 12, 1, 1)   \
  CK_X86(                                               \
    X(1, f32_block, f32_block_12x16_avx2, 12, 1, 1)     \
  )

#endif
