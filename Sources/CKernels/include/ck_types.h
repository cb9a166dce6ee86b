// What the families of matrix kernels share.
#ifndef CK_TYPES_H
#define CK_TYPES_H

#include <stddef.h>
#include <stdint.h>

// Lines of a list that only x86-64 has.
#if defined(__x86_64__)
#define CK_X86(...) __VA_ARGS__
#else
#define CK_X86(...)
#endif

/// Outputs in one panel of packed weights.
#define CK_PANEL 16

/// What a table knows of a kernel.
typedef struct {
  const char *_Nonnull name;
  const char *_Nonnull slot;
  int32_t level;   ///< feature level it needs
  int32_t rows;    ///< most rows of x in one call
  int32_t panels;  ///< most panels in one call
  int32_t depth;   ///< consecutive k that lie together in a packed operand
} ck_kernel_info;

/// How a float tile is finished: v = sum (+ y where accumulate); where finish, v = v * scale + bias + residual
/// clamped to lo...hi. A NaN stays a NaN.
typedef struct {
  const float *_Nullable scale;     ///< per output, readable to the end of the panel; null: 1
  const float *_Nullable bias;      ///< per output; null: 0
  const float *_Nullable residual;  ///< same shape as the tile, rows `residual_stride` apart; null: 0
  size_t residual_stride;
  float lo, hi;
  int32_t accumulate;
  int32_t finish;
} ck_f32_store;

/// How an integer tile is finished: s = sum - x_zero * column_sums - zero_points * (row_sums - k * x_zero),
/// v = s * (scale * x_scale) + bias + residual clamped to lo...hi; then v itself,
/// or round_half_even(v / out_scale) + out_zero clamped to 0...255.
typedef struct {
  const int32_t *_Nonnull column_sums;   ///< per output, sum of its weights; readable to the end of the panel
  const int32_t *_Nullable zero_points;  ///< per output, likewise; null: 0
  const int32_t *_Nonnull row_sums;      ///< per row, sum of x; read only beside zero points
  const float *_Nonnull scale;           ///< per output, likewise
  const float *_Nullable bias;
  const float *_Nullable residual;
  size_t residual_stride;
  float x_scale, lo, hi, out_scale;
  int32_t x_zero, k, out_zero;
  int32_t quantize;  ///< 0: y is float, else uint8
} ck_integer_store;

#endif
