// Depthwise convolutions: each channel has a window of weights of its own.
#ifndef CK_DEPTHWISE_H
#define CK_DEPTHWISE_H

#include "ck_types.h"

/// The part of a depthwise window that lies inside the image, and the steps between its taps, in elements.
typedef struct {
  size_t pixels, x_pixel, y_pixel;  ///< output pixels in a row, and the steps from one to the next
  size_t channels;
  size_t tap_rows, tap_columns;
  size_t x_row, x_column, w_row, w_column;
} ck_window;

/// y[pixel, c] = clamp(sum over taps of x * w + bias[c]).
typedef void ck_f32_depthwise_fn(const ck_window *_Nonnull window, const float *_Nonnull x, const float *_Nonnull w,
                                 const float *_Nullable bias, float lo, float hi, float *_Nonnull y);

/// y[pixel, c] from sum over taps of (x - x_zero) * w, finished per channel by `store` with zero column sums and
/// zero points; w holds differences code - zero point, 16 bits each.
typedef void ck_u8s8_depthwise_fn(const ck_window *_Nonnull window, const uint8_t *_Nonnull x,
                                  const int16_t *_Nonnull w, void *_Nonnull y,
                                  const ck_integer_store *_Nonnull store);

/// A row of pixels under windows three columns wide, `stride` (1 or 2) columns apart, of 8 channels or more. x points
/// to the first pixel's first column: outside the image where `left`, as the last one's last is where `right`.
typedef struct {
  size_t pixels, channels, stride;
  size_t tap_rows;
  size_t x_row, x_pixel;  ///< elements from one row under the window to the next, and from column to column
  int32_t left, right;
} ck_row3;

/// y[pixel, c] = clamp(sum over taps of x * w + bias[c]); w [tap_rows][3][channels].
typedef void ck_f32_depthwise3_fn(const ck_row3 *_Nonnull window, const float *_Nonnull x, const float *_Nonnull w,
                                  const float *_Nullable bias, float lo, float hi, float *_Nonnull y);

/// The same of bytes: sum over taps of (x - x_zero) * w, finished as ck_u8s8_depthwise_fn does; w holds whole numbers,
/// and sums stay below 2^24.
typedef void ck_u8s8_depthwise3_fn(const ck_row3 *_Nonnull window, const uint8_t *_Nonnull x, const float *_Nonnull w,
                                   void *_Nonnull y, const ck_integer_store *_Nonnull store);

#define CK_DEPTHWISE_SLOTS(S, O)              \
  S(f32_depthwise, ck_f32_depthwise_fn)       \
  S(u8s8_depthwise, ck_u8s8_depthwise_fn)     \
  O(f32_depthwise3, ck_f32_depthwise3_fn)     \
  O(u8s8_depthwise3, ck_u8s8_depthwise3_fn)

#define CK_DEPTHWISE_KERNELS(X)                            \
  X(0, f32_depthwise, f32_depthwise_portable, 0, 0, 1)     \
  X(0, u8s8_depthwise, u8s8_depthwise_portable, 0, 0, 1)   \
  CK_X86(                                                  \
    X(1, f32_depthwise, f32_depthwise_avx2, 0, 0, 1)       \
    X(1, u8s8_depthwise, u8s8_depthwise_avx2, 0, 0, 1)     \
    X(1, f32_depthwise3, f32_depthwise3_avx2, 0, 0, 1)     \
    X(1, u8s8_depthwise3, u8s8_depthwise3_avx2, 0, 0, 1)   \
    X(2, f32_depthwise, f32_depthwise_avx512, 0, 0, 1)     \
    X(2, u8s8_depthwise, u8s8_depthwise_avx512, 0, 0, 1)   \
  )

#endif
