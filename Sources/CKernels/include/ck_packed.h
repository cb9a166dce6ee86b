// Weights packed as codes of 8 to 1 bits, or as places of 8 or 4 bits in a table of values.
#ifndef CK_PACKED_H
#define CK_PACKED_H

#include "ck_types.h"

/// k that share a step in rows of whole numbers: whole groups of any width that multiplies them.
#define CK_FIXED_DEPTH 32

/// What a panel of codes knows besides them. Scales and zero points hold for blocks of k, [blocks][CK_PANEL] each.
typedef struct {
  size_t blocks;
  size_t groups;  ///< groups of words in each block but the last, which takes what is left
  const float *_Nonnull scale;
  const float *_Nonnull zero;
  const float *_Nullable levels;   ///< n4, n8: the 16 or 256 values that codes stand for; zeros are 0 then
  const uint8_t *_Nullable steps;  ///< n4_fixed: the 16 values as small whole numbers, 0...31
} ck_packed_side;

/// One panel of codes times 1 to 4 rows: v = sum over blocks of scale * (sum of x * code - zero * row_sum), then
/// finished; row_sums are [rows][blocks]. x reaches to the end of the last group, zeros past k. For q kernels it is
/// prepared: element k scaled by 1, 2^-8, 2^-16, 1 for k mod 4 = 0...3.
typedef void ck_packed_gemv_fn(size_t rows, size_t nr, size_t groups, const uint32_t *_Nonnull words,
                               const float *_Nonnull x, size_t ldx, const ck_packed_side *_Nonnull side,
                               const float *_Nonnull row_sums, float *_Nonnull c, size_t ldc,
                               const ck_f32_store *_Nonnull store);

/// Codes of one block to floats: out[k * CK_PANEL + n] = scale[n] * (code - zero[n]).
typedef void ck_packed_unpack_fn(size_t groups, const uint32_t *_Nonnull words, const ck_packed_side *_Nonnull side,
                                 float *_Nonnull out);

/// Codes to bytes in quads of k: out[(k / 4) * 64 + n * 4 + k % 4] = code - minus.
typedef void ck_packed_quads_fn(size_t groups, const uint32_t *_Nonnull words, int8_t minus, int8_t *_Nonnull out);

/// A row as whole numbers of 24 bits with a common step for each span of k: limbs[(k / 4) * 3 + l] holds byte l,
/// highest first, of four k, balanced (-128...127); value = step * (65536 l0 + 256 l1 + l2) with steps[3 * span] =
/// {65536 step, 256 step, step}. `count` values, zeros up to `padded`. Returns 0 where a value is not finite or so
/// large or small that steps would not be: multiply by floats then.
typedef int32_t ck_f32_fix_fn(size_t count, size_t padded, size_t span, const float *_Nonnull x,
                              int32_t *_Nonnull limbs, float *_Nonnull steps);

/// One panel of codes times one row of f32_fix: v as ck_packed_gemv_fn has it, block_sums the row's sums over blocks.
/// Products and their sums over a span are exact.
typedef void ck_packed_fixed_fn(size_t nr, size_t groups, const uint32_t *_Nonnull words,
                                const int32_t *_Nonnull limbs, const float *_Nonnull steps,
                                const ck_packed_side *_Nonnull side, const float *_Nonnull block_sums,
                                float *_Nonnull c, const ck_f32_store *_Nonnull store);

// The codes that a list goes through: LINE(X, level, suffix, code) for each.
// All but n8, which not every level has kernels for:
#define CK_PACKED_ALL(LINE, X, level, suffix) \
  CK_PACKED_NARROW(LINE, X, level, suffix) LINE(X, level, suffix, q8) LINE(X, level, suffix, n4)
// Below 8 bits, which byte products need widened to bytes first. Ternary weights take 2 bits: unpacking trits five to a
// byte cost more than reading a fifth less saved (AMD Zen 3, 4096x4096 from memory: 900 us against 443).
#define CK_PACKED_NARROW(LINE, X, level, suffix)                                   \
  LINE(X, level, suffix, q6) LINE(X, level, suffix, q5) LINE(X, level, suffix, q4) \
  LINE(X, level, suffix, q3) LINE(X, level, suffix, q2) LINE(X, level, suffix, q1)
// What fixed-point rows multiply; no portable kernels, since these win by byte products alone.
#define CK_PACKED_FIXED(LINE, X, level, suffix) \
  CK_PACKED_NARROW(LINE, X, level, suffix) LINE(X, level, suffix, n4)

#define CK_PACKED_FLOAT_LINES(X, level, suffix, q)    \
  X(level, q##_gemv, q##_gemv_4x16_##suffix, 4, 1, 4) \
  X(level, q##_unpack, q##_unpack_##suffix, 0, 1, 4)
#define CK_PACKED_QUADS_LINE(X, level, suffix, q) X(level, q##_quads, q##_quads_##suffix, 0, 1, 4)
#define CK_PACKED_FIXED_LINE(X, level, suffix, q) X(level, q##_fixed, q##_fixed_1x16_##suffix, 1, 1, CK_FIXED_DEPTH)

#define CK_PACKED_LEVEL(X, level, suffix)              \
  CK_PACKED_ALL(CK_PACKED_FLOAT_LINES, X, level, suffix) \
  CK_PACKED_NARROW(CK_PACKED_QUADS_LINE, X, level, suffix)
#define CK_PACKED_LEVEL_X86(X, level, suffix)              \
  CK_PACKED_LEVEL(X, level, suffix)                        \
  CK_PACKED_FIXED(CK_PACKED_FIXED_LINE, X, level, suffix)

#define CK_PACKED_KERNELS(X)                \
  CK_PACKED_LEVEL(X, 0, portable)           \
  CK_PACKED_FLOAT_LINES(X, 0, portable, n8) \
  CK_X86(                                   \
    CK_PACKED_LEVEL_X86(X, 1, avx2)         \
    CK_PACKED_FLOAT_LINES(X, 1, avx2, n8)   \
    X(1, f32_fix, f32_fix_avx2, 1, 1, 4)    \
    CK_PACKED_LEVEL_X86(X, 2, avx512)       \
  )

#define CK_PACKED_FLOAT_SLOTS(S, level, suffix, q) S(q##_gemv, ck_packed_gemv_fn) S(q##_unpack, ck_packed_unpack_fn)
#define CK_PACKED_QUADS_SLOT(S, level, suffix, q) S(q##_quads, ck_packed_quads_fn)
#define CK_PACKED_FIXED_SLOT(O, level, suffix, q) O(q##_fixed, ck_packed_fixed_fn)
#define CK_PACKED_SLOTS(S, O)                      \
  CK_PACKED_ALL(CK_PACKED_FLOAT_SLOTS, S, , )      \
  CK_PACKED_FLOAT_SLOTS(S, , , n8)                 \
  CK_PACKED_NARROW(CK_PACKED_QUADS_SLOT, S, , )    \
  CK_PACKED_FIXED(CK_PACKED_FIXED_SLOT, O, , )     \
  O(f32_fix, ck_f32_fix_fn)

#endif
