// Types shared by the matrix kernels.
#ifndef CK_MATRIX_TYPES_H
#define CK_MATRIX_TYPES_H

#include <stddef.h>
#include <stdint.h>

/// Outputs in one panel of packed weights.
#define CK_PANEL 16

/// What a table knows of a kernel.
typedef struct {
  const char *_Nonnull name;
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

/// y[mr, nr] from x[mr, k] and `nr` outputs of panels `b_panel` floats apart, for any number of rows. x element (i, p)
/// is a[i * a_row + p * a_step]; where a_step is 0, x was packed in tiles of the kernel's rows, one after the other.
typedef void ck_f32_gemm_fn(size_t mr, size_t nr, size_t k, const float *_Nonnull a, size_t a_row, size_t a_step,
                            const float *_Nonnull b, size_t b_panel, float *_Nonnull c, size_t ldc,
                            const ck_f32_store *_Nonnull store);

/// Interleaves `mr` rows of x: out[p * step + i] = x[i * ldx + p].
typedef void ck_f32_pack_fn(size_t mr, size_t k, const float *_Nonnull x, size_t ldx, float *_Nonnull out,
                            size_t step);

/// Widens `k` steps of a 16-bit panel to floats.
typedef void ck_half_unpack_fn(size_t k, const uint16_t *_Nonnull b, float *_Nonnull out);

/// One panel of 16-bit weights times 1 to 4 rows of x.
typedef void ck_half_gemv_fn(size_t rows, size_t nr, size_t k, const float *_Nonnull x, size_t ldx,
                             const uint16_t *_Nonnull b, float *_Nonnull c, size_t ldc,
                             const ck_f32_store *_Nonnull store);

/// Integer product over `groups` groups of k, for any number of rows; a packed by u8_pack_pairs or u8_pack_quads in tiles of
/// the kernel's rows, one after the other, b in the kernel's depth, panels `b_panel` bytes apart. u8s7 kernels need |w0| + |w1| <= 128 for each pair of weights, u8s6
/// 64, u8s5 32, u8s4 16.
typedef void ck_integer_gemm_fn(size_t mr, size_t nr, size_t groups, const void *_Nonnull a,
                                const int8_t *_Nonnull b, size_t b_panel, void *_Nonnull c, size_t ldc,
                                const ck_integer_store *_Nonnull store);

/// Interleaves `mr` rows of x in pairs (as 16-bit) or quads (as bytes) of k, zero past k, and sums each row
/// where sums are wanted.
typedef void ck_u8_pack_fn(size_t mr, size_t k, const uint8_t *_Nonnull x, size_t ldx, void *_Nonnull out,
                           int32_t *_Nullable row_sums);

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

/// Codes to bytes in quads of k: out[(k / 4) * 64 + n * 4 + k % 4] = code - minus.
typedef void ck_packed_quads_fn(size_t groups, const uint32_t *_Nonnull words, int8_t minus, int8_t *_Nonnull out);

/// One row of x times `nr` sparse outputs: output n has elements starts[n]..<starts[n + 1]. Codes are looked up in
/// `floats` [256], indexed by their bits as unsigned bytes; float values ignore it.
typedef void ck_spmv_fn(size_t nr, const uint32_t *_Nonnull starts, const uint16_t *_Nonnull index,
                        const void *_Nonnull values, const float *_Nonnull floats, const float *_Nonnull x,
                        float *_Nonnull c, const ck_f32_store *_Nonnull store);

/// The same for up to a block of rows, x transposed: element (row, k) is x[k * block + row], block being the
/// kernel's rows.
typedef void ck_spmm_fn(size_t rows, size_t nr, const uint32_t *_Nonnull starts, const uint16_t *_Nonnull index,
                        const void *_Nonnull values, const float *_Nonnull floats, const float *_Nonnull x,
                        float *_Nonnull c, size_t ldc, const ck_f32_store *_Nonnull store);

/// The part of a depthwise window that lies inside the image, and the steps between its taps, in elements.
typedef struct {
  size_t pixels, x_pixel, y_pixel;  ///< output pixels in a row, and the steps from one to the next
  size_t channels;
  size_t tap_rows, tap_columns;
  size_t x_row, x_column, w_row, w_column;
} ck_window;

/// y[mr, nr] of a convolution straight from an image: output pixel i sees `segments` runs of `run` values each, the
/// s-th at a[at[i] + s * a_segment]; b holds segments * run steps. Of the second panel, `b_panel` floats on, at most
/// half: nr <= 24.
typedef void ck_f32_conv_fn(size_t mr, size_t nr, size_t segments, size_t run, const float *_Nonnull a,
                            const int32_t *_Nonnull at, size_t a_segment, const float *_Nonnull b, size_t b_panel,
                            float *_Nonnull c, size_t ldc, const ck_f32_store *_Nonnull store);

/// The same in exact integer sums: runs of `pairs` pairs of 16-bit differences byte - zero point, b holding for each pair
/// two weights of every output together. `store` has zero column sums and zero points.
typedef void ck_s16_conv_fn(size_t mr, size_t nr, size_t segments, size_t pairs, const int16_t *_Nonnull a,
                            const int32_t *_Nonnull at, size_t a_segment, const int16_t *_Nonnull b, size_t b_panel,
                            void *_Nonnull c, size_t ldc, const ck_integer_store *_Nonnull store);

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

/// One panel of weights that keep some of each run of k, in `groups` groups (see pattern_template.h), times 1 to 4
/// rows; x reaches to the end of the last group.
typedef void ck_pattern_fn(size_t rows, size_t nr, size_t groups, const uint32_t *_Nonnull panel,
                           const float *_Nonnull x, size_t ldx, float *_Nonnull c, size_t ldc,
                           const ck_f32_store *_Nonnull store);

/// A panel of two strips of 8 outputs, each with the inputs that any of its outputs keeps: strip h has elements
/// starts[h]..<starts[h + 1], an input's place and 8 weights each. x element (i, p) is a[i + p * a_step].
typedef void ck_block_fn(size_t mr, size_t nr, const uint32_t *_Nonnull starts, const uint32_t *_Nonnull index,
                         const float *_Nonnull values, const float *_Nonnull a, size_t a_step, float *_Nonnull c,
                         size_t ldc, const ck_f32_store *_Nonnull store);

/// Multiplies and adds in registers only, `rounds` times over; returns the operations done, a multiplication and an
/// addition counting as two.
typedef double ck_peak_fn(size_t rounds);

/// Reads `bytes` bytes once, in order; returns those read, whole vectors only.
typedef double ck_read_fn(size_t bytes, const void *_Nonnull from);

#endif
