// What the kernels of recurrent cells (LSTM, GRU, RNN) share.
#ifndef CK_RECURRENT_H
#define CK_RECURRENT_H

#include <stddef.h>
#include <stdint.h>

/// Units in one panel of weights, whatever the level.
#define CK_RECURRENT_PANEL 16

/// The functions that ONNX names for gates; alpha and beta are those of its attributes.
typedef enum {
  CK_GATE_RELU,              ///< max(x, 0)
  CK_GATE_TANH,
  CK_GATE_SIGMOID,
  CK_GATE_AFFINE,            ///< alpha x + beta
  CK_GATE_LEAKY_RELU,        ///< x, below zero alpha x
  CK_GATE_THRESHOLDED_RELU,  ///< x where above alpha, else 0
  CK_GATE_SCALED_TANH,       ///< alpha tanh(beta x)
  CK_GATE_HARD_SIGMOID,      ///< alpha x + beta clamped to 0...1
  CK_GATE_ELU,               ///< x, below zero alpha (e^x - 1)
  CK_GATE_SOFTSIGN,          ///< x / (1 + |x|)
  CK_GATE_SOFTPLUS,          ///< ln(1 + e^x)
} ck_gate_kind;

typedef struct {
  ck_gate_kind kind;
  float alpha, beta;
} ck_gate;

/// One step of a recurrent cell for some samples.
///
/// Weights lie in panels of units: a panel holds, for each unit of the state in turn, a value for every unit of the panel
/// and every gate, the units of a gate together. The sums with the input, biases added, lie in the same order, a panel's
/// gates together. Units past the last are zero in both; rows of `x`, `c`, `z` and `reset` reach to the last panel's end.
typedef struct {
  size_t samples, units;
  const float *_Nonnull weights;
  const float *_Nonnull x;  ///< sums with the input
  size_t x_row;
  const float *_Nonnull h;  ///< state before
  size_t h_row;
  float *_Nonnull out;  ///< state after; must not overlap the one before
  size_t out_row;
  float *_Nullable c;  ///< LSTM: memory, changed in place
  size_t c_row;
  /// LSTM: weights of the memory in the gates input, output, forget, each to the end of the last panel; null: none.
  const float *_Nullable peepholes;
  size_t peephole_gate;  ///< from one gate's to the next
  /// GRU: added to the state's part of the new state, to the end of the last panel; null: none.
  const float *_Nullable bias;
  /// GRU in two steps: reset state, and update gate.
  float *_Nullable reset;
  size_t reset_row;
  float *_Nullable z;
  size_t z_row;
  ck_gate gate, candidate, output;
  float clip;                ///< limits what functions are given, to -clip...clip; infinite: nothing
  int32_t couples_forget;    ///< LSTM: forget gate = 1 - input gate
} ck_recurrent;

#endif
