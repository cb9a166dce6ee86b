// Vector kernels: elementwise, activation, row-wise (softmax, normalization, reductions), pooling, layout and
// number-format kernels, and a matrix product for operands that are only known while running.
//
// Names: <types>_<operation>[_<form>]; the form of a two-operand kernel is vv (row with row), vs (row with one value
// per row) or sv (one value per row with row). Every level has the whole table: the same source compiled per level.
//
// Elementwise kernels may write over an operand (out equal to an input), but not overlap it otherwise. NaN inputs
// give NaN outputs unless a kernel says otherwise. Counts and strides are in elements. Any count may be zero.
#ifndef CK_VECTOR_H
#define CK_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#include "ck_recurrent.h"

/// A 2-D pooling over NHWC images: sizes, window and where it may reach.
typedef struct {
  size_t batch, height, width, channels;
  size_t out_height, out_width;
  size_t kernel_height, kernel_width;
  size_t stride_height, stride_width;
  size_t dilation_height, dilation_width;
  size_t pad_top, pad_left, pad_bottom, pad_right;
  /// 0: an average divides by the window's places inside the image; 1: by those inside the padded image.
  int32_t count_include_pad;
} ck_pool2d;

/// One head of attention: sizes, and distances between rows in elements.
typedef struct {
  size_t queries, keys, depth, value_depth;
  size_t q_row, k_row, v_row, out_row;
  /// Added to scores after scaling, [queries, keys]; rows `mask_row` apart, 0 for one row that serves all. Null: none.
  const float *_Nullable mask;
  size_t mask_row;
  /// 1: query i sees keys 0...i + offset only.
  int32_t causal;
  ptrdiff_t offset;
  /// Multiplies the scores; linear attention ignores it, and the mask.
  float scale;
  /// Linear attention: added to each divisor.
  float epsilon;
} ck_attention;

// Keys and queries per block, also of scratch: f32_attention takes depth * KEYS + QUERIES * KEYS + 2 * QUERIES floats,
// f32_linear_attention depth * (value_depth + 1 + 2 * QUERIES + KEYS) + QUERIES * KEYS.
#define CK_ATTENTION_KEYS 96
#define CK_ATTENTION_QUERIES 48

#pragma clang assume_nonnull begin

// clang-format off
#define CK_F32_PAIR(X, op)                                                                                          \
  X(f32_##op##_vv, (size_t rows, size_t n, const float *a, size_t a_stride, const float *b, size_t b_stride,        \
                    float *out))                                                                                    \
  X(f32_##op##_vs, (size_t rows, size_t n, const float *a, size_t a_stride, const float *b, size_t b_stride,        \
                    float *out))                                                                                    \
  X(f32_##op##_sv, (size_t rows, size_t n, const float *a, size_t a_stride, const float *b, size_t b_stride,        \
                    float *out))

// X(name, parameters). One list drives the table's members, every level's entries, the comparison with a plain reference
// at every level (Tests/KernelsTests/SlotTests.swift) and `paretop-bench slots`.
//
// Rows of two-operand kernels: row r reads a + r * a_stride and b + r * b_stride and writes out + r * n. A stride of
// zero repeats an operand for every row.
//
// f32_max_*, f32_min_*: a NaN in either operand wins.
// f32_swish: x / (1 + e^(-alpha x)). f32_softplus: factor ln(1 + e^(scale x)).
// f32_softmax_rows and the others named _rows: x and out are rows x n, dense. f32_argmax_rows keeps the first of equal
// values, and the first NaN wins. Empty rows: sum and mean 0, max -inf, argmax -1.
// f32_layer_norm_rows, f32_rms_norm_rows: gamma and beta of n values may be null.
// Pools: places outside the image never win a maximum. A window wholly outside gives -inf (u8: 0) or average 0.
// *_transpose: batch matrices of rows x columns, dense, each written as columns x rows. Serves NCHW to NHWC
// (rows = channels, columns = height * width) and back.
// f32_add_rows: out[r * out_row + i] += x[r * x_row + i] for i < n; rows of out do not overlap each other.
// f32_quantize_*: saturate(round_half_even(x / scale) + zero_point); NaN becomes the zero point.
// f32_attention: out = softmax(scale q k' + mask) v for one head; a query that sees no key, or none above -inf, gives
// NaN (0 / 0), as softmax does. f32_linear_attention: out = phi(q) (phi(k)' v) / (phi(q) sum of phi(k) + epsilon),
// phi = elu + 1. out must not overlap the inputs.
// f32_lstm, f32_gru, f32_rnn: one step (ck_recurrent.h) with weights of the gates input, output, forget, cell; update,
// reset, hidden; the only one. f32_gru resets the state's part of the new state after the product (ONNX's
// linear_before_reset); f32_gru_reset, of two gates, and f32_gru_new, of one, do before.
// f32_extremes: the smallest and largest of the values and zero, none being NaN.
// f32_encode_s8: round_half_even(x / scale clamped to low...high) + zero_point.
// f32_collect_magnitudes: appends the bits of magnitudes in low..<high to out from *found on, as far as `capacity`, but
// counts all; adds those under low to *below. f32_zero_magnitudes: zeros magnitudes whose bits are under `bits`, and the
// first *ties that equal them; *ties becomes what is left.
// s8_pack_bits: code - minus in `width` bits each (1...8), lowest first; s8_pack_signs: a bit for each
// code -1...1, set for 1; s8_pack_trits: five codes -1...1 to a byte, the
// first counting 1, the next 3. The last byte is filled up with zeros.
// f32_matmul: c[i][j] = (accumulate ? c[i][j] : 0) + sum_k a[i * a_row + k * a_column] * b[k * b_row + j].
#define CK_VECTOR_KERNELS(X)                                                                                        \
  CK_F32_PAIR(X, add) CK_F32_PAIR(X, sub) CK_F32_PAIR(X, mul)                                                       \
  CK_F32_PAIR(X, div) CK_F32_PAIR(X, max) CK_F32_PAIR(X, min)                                                       \
  X(f32_relu, (size_t n, const float *x, float *out))                                                               \
  X(f32_clip, (size_t n, const float *x, float low, float high, float *out))                                        \
  X(f32_leaky_relu, (size_t n, const float *x, float alpha, float *out))                                            \
  X(f32_exp, (size_t n, const float *x, float *out))                                                                \
  X(f32_erf, (size_t n, const float *x, float *out))                                                                \
  X(f32_tanh, (size_t n, const float *x, float *out))                                                               \
  X(f32_sigmoid, (size_t n, const float *x, float *out))                                                            \
  X(f32_silu, (size_t n, const float *x, float *out))                                                               \
  X(f32_swish, (size_t n, const float *x, float alpha, float *out))                                                 \
  X(f32_softplus, (size_t n, const float *x, float scale, float factor, float *out))                                \
  X(f32_mish, (size_t n, const float *x, float *out))                                                               \
  X(f32_gelu_erf, (size_t n, const float *x, float *out))                                                           \
  X(f32_gelu_tanh, (size_t n, const float *x, float *out))                                                          \
  X(f32_hard_sigmoid, (size_t n, const float *x, float alpha, float beta, float *out))                              \
  X(f32_hard_swish, (size_t n, const float *x, float *out))                                                         \
  X(f32_sqrt, (size_t n, const float *x, float *out))                                                               \
  X(f32_affine, (size_t n, const float *x, float scale, float offset, float *out))                                  \
  X(f32_softmax_rows, (size_t rows, size_t n, const float *x, float *out))                                          \
  X(f32_log_softmax_rows, (size_t rows, size_t n, const float *x, float *out))                                      \
  X(f32_layer_norm_rows, (size_t rows, size_t n, const float *x, const float *_Nullable gamma,                      \
                          const float *_Nullable beta, float epsilon, float *out))                                  \
  X(f32_rms_norm_rows, (size_t rows, size_t n, const float *x, const float *_Nullable gamma, float epsilon,         \
                        float *out))                                                                                \
  X(f32_sum_rows, (size_t rows, size_t n, const float *x, float *out))                                              \
  X(f32_mean_rows, (size_t rows, size_t n, const float *x, float *out))                                             \
  X(f32_max_rows, (size_t rows, size_t n, const float *x, float *out))                                              \
  X(f32_argmax_rows, (size_t rows, size_t n, const float *x, int64_t *out))                                         \
  X(f32_max_pool_nhwc, (const ck_pool2d *pool, const float *x, float *out))                                         \
  X(u8_max_pool_nhwc, (const ck_pool2d *pool, const uint8_t *x, uint8_t *out))                                      \
  X(f32_average_pool_nhwc, (const ck_pool2d *pool, const float *x, float *out))                                     \
  X(f32_global_average_pool_nhwc, (size_t batch, size_t places, size_t channels, const float *x, float *out))       \
  X(f32_global_max_pool_nhwc, (size_t batch, size_t places, size_t channels, const float *x, float *out))           \
  X(f32_transpose, (size_t batch, size_t rows, size_t columns, const float *x, float *out))                         \
  X(u8_transpose, (size_t batch, size_t rows, size_t columns, const uint8_t *x, uint8_t *out))                      \
  X(f32_add_rows, (size_t rows, size_t n, const float *x, size_t x_row, float *out, size_t out_row))                \
  X(f32_to_f16, (size_t n, const float *x, uint16_t *out))                                                          \
  X(f16_to_f32, (size_t n, const uint16_t *x, float *out))                                                          \
  X(f32_to_bf16, (size_t n, const float *x, uint16_t *out))                                                         \
  X(bf16_to_f32, (size_t n, const uint16_t *x, float *out))                                                         \
  X(f32_quantize_u8, (size_t n, const float *x, float scale, int32_t zero_point, uint8_t *out))                     \
  X(f32_quantize_s8, (size_t n, const float *x, float scale, int32_t zero_point, int8_t *out))                      \
  X(u8_dequantize_f32, (size_t n, const uint8_t *x, float scale, int32_t zero_point, float *out))                   \
  X(s8_dequantize_f32, (size_t n, const int8_t *x, float scale, int32_t zero_point, float *out))                    \
  X(s32_dequantize_f32, (size_t n, const int32_t *x, float scale, int32_t zero_point, float *out))                  \
  X(f32_matmul, (size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_column, const float *b,       \
                 size_t b_row, float *c, size_t c_row, int32_t accumulate))                                         \
  X(f32_attention, (const ck_attention *attention, const float *q, const float *k, const float *v, float *out,      \
                    float *scratch))                                                                                \
  X(f32_linear_attention, (const ck_attention *attention, const float *q, const float *k, const float *v,           \
                           float *out, float *scratch))                                                             \
  X(f32_lstm, (const ck_recurrent *cell))                                                                           \
  X(f32_gru, (const ck_recurrent *cell))                                                                            \
  X(f32_gru_reset, (const ck_recurrent *cell))                                                                      \
  X(f32_gru_new, (const ck_recurrent *cell))                                                                        \
  X(f32_rnn, (const ck_recurrent *cell))                                                                            \
  X(f32_extremes, (size_t n, const float *x, float *low, float *high))                                              \
  X(f32_encode_s8, (size_t n, const float *x, float scale, int32_t zero_point, float low, float high, int8_t *out)) \
  X(f32_collect_magnitudes, (size_t n, const float *x, uint32_t low, uint32_t high, size_t capacity,                \
                             uint32_t *_Nullable out, size_t *found, size_t *below))                                \
  X(f32_zero_magnitudes, (size_t n, const float *x, uint32_t bits, size_t *ties, float *out))                       \
  X(s8_pack_bits, (size_t n, const int8_t *codes, int32_t width, int32_t minus, uint8_t *out))                      \
  X(s8_pack_signs, (size_t n, const int8_t *codes, uint8_t *out))                                                   \
  X(s8_pack_trits, (size_t n, const int8_t *codes, uint8_t *out))
// clang-format on

#define CK_VECTOR_MEMBER(name, parameters) void (*name) parameters;
/// One kernel per name.
typedef struct {
  CK_VECTOR_KERNELS(CK_VECTOR_MEMBER)
} ck_vector_table;
#undef CK_VECTOR_MEMBER

/// The table of `level` (see ck_feature_level), or of the highest lower one that exists on this architecture.
const ck_vector_table *ck_vector_table_for(int32_t level);

/// Every name of the list, and how many there are.
const char *_Nonnull const *_Nonnull ck_vector_kernels(int32_t *count);

#pragma clang assume_nonnull end

#endif
