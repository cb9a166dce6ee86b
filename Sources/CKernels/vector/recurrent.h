// Steps of recurrent cells: the product of the state with the weights of all gates of a panel of units, then the gates,
// while the sums are still at hand.

#define RECURRENT_ROWS (LANES == 16 ? 6 : 2)

/// For one group of LANES units: sums[row][gate] = state times weights, `chains` sums side by side where few rows and
/// gates leave the multipliers waiting for each other.
INLINE void recurrent_tile(const size_t rows, const size_t gates, const size_t chains, size_t k, const float *h,
                           size_t h_row, const float *w, float (*sums)[4][LANES]) {
  vecf sum[8][6][4];
  CK_UNROLL for (size_t j = 0; j < chains; j++)
    CK_UNROLL for (size_t r = 0; r < rows; r++)
      CK_UNROLL for (size_t g = 0; g < gates; g++) sum[j][r][g] = (vecf){0};
  const size_t step = gates * CK_RECURRENT_PANEL;
  const float *h3 = h + 3 * h_row;
  size_t p = 0;
  for (; p + chains <= k; p += chains)
    CK_UNROLL for (size_t j = 0; j < chains; j++, w += step, h++, h3++) {
      vecf lane[4];
      CK_UNROLL for (size_t g = 0; g < gates; g++) lane[g] = load(w + g * CK_RECURRENT_PANEL);
      CK_UNROLL for (size_t r = 0; r < rows; r++) {
        const float s = r < 3 ? h[r * h_row] : h3[(r - 3) * h_row];
        CK_UNROLL for (size_t g = 0; g < gates; g++) sum[j][r][g] += s * lane[g];
      }
    }
  for (; p < k; p++, w += step, h++, h3++)
    CK_UNROLL for (size_t r = 0; r < rows; r++) {
      const float s = r < 3 ? h[r * h_row] : h3[(r - 3) * h_row];
      CK_UNROLL for (size_t g = 0; g < gates; g++) sum[0][r][g] += s * load(w + g * CK_RECURRENT_PANEL);
    }
  CK_UNROLL for (size_t r = 0; r < rows; r++)
    CK_UNROLL for (size_t g = 0; g < gates; g++) {
      CK_UNROLL for (size_t j = 1; j < chains; j++) sum[0][r][g] += sum[j][r][g];
      store(sums[r][g], sum[0][r][g]);
    }
}

/// The products of some gates for up to RECURRENT_ROWS samples.
INLINE void recurrent_sums(const size_t gates, size_t rows, size_t k, const float *h, size_t h_row, const float *w,
                           float (*sums)[4][LANES]) {
#define RECURRENT_TILE(rows) \
  recurrent_tile(rows, gates, 8 / (gates * (rows)) < 1 ? 1 : 8 / (gates * (rows)), k, h, h_row, w, sums)
#if VECTOR_BYTES == 64
  switch (rows) { CK_COUNTS_TO_6(RECURRENT_TILE) }
#else
  if (rows == 1) RECURRENT_TILE(1);
  else RECURRENT_TILE(2);
#endif
#undef RECURRENT_TILE
}

INLINE float gate_sigmoid_f32(float x) {
  // e^-|x| is at most 1, so that one factor of 2^n is enough.
  const float a = float_of(bits_of(x) & 0x7fffffffu);
  const float e = exp_negative_f32(-(a > 87.0f ? 87.0f : a));
  const float s = (x < 0.0f ? e : 1.0f) / (1.0f + e);
  return x != x ? x : s;
}

INLINE float gate_tanh_f32(float x) {
  const float a = float_of(bits_of(x) & 0x7fffffffu);
  const float t = a * a;
  float near = -0.00571704516f;
  near = near * t + 0.020650588f;
  near = near * t + -0.0537434965f;
  near = near * t + 0.133314908f;
  near = near * t + -0.333332837f;
  near = near * (t * x) + x;
  const float e = exp_negative_f32(-2.0f * (a > 40.0f ? 40.0f : a));
  float far = (1.0f - e) / (1.0f + e);
  far = x < 0.0f ? -far : far;
  const float result = a < 0.625f ? near : far;
  return x != x ? x : result;
}

/// The functions in one pass for LANES values.
INLINE void gate_lanes(const ck_gate *gate, float *x) {
  const float alpha = gate->alpha, beta = gate->beta;
#define LANE(value) \
  for (size_t i = 0; i < LANES; i++) { const float v = x[i]; x[i] = (value); } break
  switch (gate->kind) {
    case CK_GATE_RELU: LANE(v < 0.0f ? 0.0f : v);
    case CK_GATE_TANH: LANE(gate_tanh_f32(v));
    case CK_GATE_SIGMOID: LANE(gate_sigmoid_f32(v));
    case CK_GATE_AFFINE: LANE(alpha * v + beta);
    case CK_GATE_LEAKY_RELU: LANE(v < 0.0f ? alpha * v : v);
    case CK_GATE_THRESHOLDED_RELU: LANE(v <= alpha ? 0.0f : v);
    case CK_GATE_SCALED_TANH: LANE(alpha * gate_tanh_f32(beta * v));
    case CK_GATE_HARD_SIGMOID: LANE(clip_f32(alpha * v + beta, 0.0f, 1.0f));
    case CK_GATE_ELU: LANE(v < 0.0f ? alpha * (exp_f32(v) - 1.0f) : v);
    case CK_GATE_SOFTSIGN: LANE(v / (1.0f + float_of(bits_of(v) & 0x7fffffffu)));
    case CK_GATE_SOFTPLUS: LANE(softplus_f32(v));
  }
#undef LANE
}

/// The function of the products and the sums with the input, limited.
INLINE void recurrent_function(const ck_recurrent *cell, const ck_gate *gate, float *sum, const float *x) {
  for (size_t i = 0; i < LANES; i++) sum[i] = clip_f32(sum[i] + x[i], -cell->clip, cell->clip);
  gate_lanes(gate, sum);
}

// The last group of units may reach past them.
INLINE void recurrent_read(const float *from, float *values, size_t count) {
  if (count >= LANES)
    memcpy(values, from, sizeof(float) * LANES);
  else
    for (size_t i = 0; i < LANES; i++) values[i] = i < count ? from[i] : 0.0f;
}

INLINE void recurrent_write(float *out, const float *values, size_t count) {
  if (count >= LANES)
    memcpy(out, values, sizeof(float) * LANES);
  else
    for (size_t i = 0; i < count; i++) out[i] = values[i];
}

// Every group of LANES units of every panel, with as many samples at a time as a tile takes. FINISH is given a sample, its
// sums with the input, the group's first unit and the products.
#define RECURRENT_EACH(gates, of, from, state, state_row, FINISH)                                            \
  const size_t k = cell->units, panels = (k + CK_RECURRENT_PANEL - 1) / CK_RECURRENT_PANEL;                  \
  for (size_t panel = 0; panel < panels; panel++)                                                            \
    for (size_t first = 0; first < cell->samples; first += RECURRENT_ROWS) {                                 \
      const size_t rows = cell->samples - first < RECURRENT_ROWS ? cell->samples - first : RECURRENT_ROWS;   \
      for (size_t part = 0; part < CK_RECURRENT_PANEL; part += LANES) {                                      \
        const size_t unit = panel * CK_RECURRENT_PANEL + part;                                               \
        if (unit >= k) break;                                                                                \
        float sums[6][4][LANES];                                                                             \
        recurrent_sums(gates, rows, k, (state) + first * (state_row), state_row,                             \
                       cell->weights + panel * k * (gates) * CK_RECURRENT_PANEL + part, sums);               \
        for (size_t r = 0; r < rows; r++)                                                                    \
          FINISH(cell, first + r,                                                                            \
                 cell->x + (first + r) * cell->x_row + (panel * (of) + (from)) * CK_RECURRENT_PANEL + part,  \
                 unit, sums[r]);                                                                             \
      }                                                                                                      \
    }

#define PANEL CK_RECURRENT_PANEL

/// Sigmoid gates and hyperbolic tangents, and nothing else: what nearly every network has.
INLINE int is_plain(const ck_recurrent *cell) {
  return cell->gate.kind == CK_GATE_SIGMOID && cell->candidate.kind == CK_GATE_TANH &&
         cell->clip == __builtin_inff();
}

INLINE void lstm_lanes(const ck_recurrent *cell, const int plain, size_t sample, const float *x, size_t unit,
                       float (*sum)[LANES]) {
  float *c = cell->c + sample * cell->c_row + unit;
  float h[LANES];
  if (plain) {
    INDEPENDENT for (size_t i = 0; i < LANES; i++) {
      const float input = gate_sigmoid_f32(sum[0][i] + x[i]);
      const float output = gate_sigmoid_f32(sum[1][i] + x[PANEL + i]);
      const float forget = gate_sigmoid_f32(sum[2][i] + x[2 * PANEL + i]);
      const float memory = forget * c[i] + input * gate_tanh_f32(sum[3][i] + x[3 * PANEL + i]);
      c[i] = memory;
      h[i] = output * gate_tanh_f32(memory);
    }
  } else {
    const float *peepholes = cell->peepholes ? cell->peepholes + unit : 0;
    float memory[LANES];
    if (peepholes)
      for (size_t i = 0; i < LANES; i++) {
        sum[0][i] += peepholes[i] * c[i];
        sum[2][i] += peepholes[2 * cell->peephole_gate + i] * c[i];
      }
    recurrent_function(cell, &cell->gate, sum[0], x);
    if (cell->couples_forget)
      for (size_t i = 0; i < LANES; i++) sum[2][i] = 1.0f - sum[0][i];
    else
      recurrent_function(cell, &cell->gate, sum[2], x + 2 * PANEL);
    recurrent_function(cell, &cell->candidate, sum[3], x + 3 * PANEL);
    for (size_t i = 0; i < LANES; i++) c[i] = memory[i] = sum[2][i] * c[i] + sum[0][i] * sum[3][i];
    if (peepholes)
      for (size_t i = 0; i < LANES; i++) sum[1][i] += peepholes[cell->peephole_gate + i] * memory[i];
    recurrent_function(cell, &cell->gate, sum[1], x + PANEL);
    gate_lanes(&cell->output, memory);
    for (size_t i = 0; i < LANES; i++) h[i] = sum[1][i] * memory[i];
  }
  recurrent_write(cell->out + sample * cell->out_row + unit, h, cell->units - unit);
}

KERNEL(f32_lstm)(const ck_recurrent *cell) {
  const int plain =
      is_plain(cell) && cell->output.kind == CK_GATE_TANH && !cell->peepholes && !cell->couples_forget;
#define LSTM(cell, sample, x, unit, sum) lstm_lanes(cell, plain, sample, x, unit, sum)
  RECURRENT_EACH(4, 4, 0, cell->h, cell->h_row, LSTM)
#undef LSTM
}

/// out = (1 - z) new + z h.
INLINE void gru_write(const ck_recurrent *cell, size_t sample, size_t unit, const float *z, const float *fresh) {
  float h[LANES];
  recurrent_read(cell->h + sample * cell->h_row + unit, h, cell->units - unit);
  for (size_t i = 0; i < LANES; i++) h[i] = (1.0f - z[i]) * fresh[i] + z[i] * h[i];
  recurrent_write(cell->out + sample * cell->out_row + unit, h, cell->units - unit);
}

INLINE void gru_lanes(const ck_recurrent *cell, const int plain, size_t sample, const float *x, size_t unit,
                      float (*sum)[LANES]) {
  float z[LANES], fresh[LANES];
  if (cell->bias)
    for (size_t i = 0; i < LANES; i++) sum[2][i] += cell->bias[unit + i];
  if (plain) {
    INDEPENDENT for (size_t i = 0; i < LANES; i++) {
      const float reset = gate_sigmoid_f32(sum[1][i] + x[PANEL + i]);
      z[i] = gate_sigmoid_f32(sum[0][i] + x[i]);
      fresh[i] = gate_tanh_f32(reset * sum[2][i] + x[2 * PANEL + i]);
    }
  } else {
    recurrent_function(cell, &cell->gate, sum[0], x);
    recurrent_function(cell, &cell->gate, sum[1], x + PANEL);
    for (size_t i = 0; i < LANES; i++) z[i] = sum[0][i], fresh[i] = sum[1][i] * sum[2][i];
    recurrent_function(cell, &cell->candidate, fresh, x + 2 * PANEL);
  }
  gru_write(cell, sample, unit, z, fresh);
}

KERNEL(f32_gru)(const ck_recurrent *cell) {
  const int plain = is_plain(cell);
#define GRU(cell, sample, x, unit, sum) gru_lanes(cell, plain, sample, x, unit, sum)
  RECURRENT_EACH(3, 3, 0, cell->h, cell->h_row, GRU)
#undef GRU
}

INLINE void gru_reset_lanes(const ck_recurrent *cell, size_t sample, const float *x, size_t unit,
                            float (*sum)[LANES]) {
  recurrent_function(cell, &cell->gate, sum[0], x);
  recurrent_function(cell, &cell->gate, sum[1], x + PANEL);
  float h[LANES];
  recurrent_read(cell->h + sample * cell->h_row + unit, h, cell->units - unit);
  for (size_t i = 0; i < LANES; i++) sum[1][i] *= h[i];
  memcpy(cell->z + sample * cell->z_row + unit, sum[0], sizeof sum[0]);
  memcpy(cell->reset + sample * cell->reset_row + unit, sum[1], sizeof sum[1]);
}

KERNEL(f32_gru_reset)(const ck_recurrent *cell) {
  RECURRENT_EACH(2, 3, 0, cell->h, cell->h_row, gru_reset_lanes)
}

INLINE void gru_new_lanes(const ck_recurrent *cell, size_t sample, const float *x, size_t unit,
                          float (*sum)[LANES]) {
  recurrent_function(cell, &cell->candidate, sum[0], x);
  gru_write(cell, sample, unit, cell->z + sample * cell->z_row + unit, sum[0]);
}

KERNEL(f32_gru_new)(const ck_recurrent *cell) {
  RECURRENT_EACH(1, 3, 2, cell->reset, cell->reset_row, gru_new_lanes)
}

INLINE void rnn_lanes(const ck_recurrent *cell, size_t sample, const float *x, size_t unit, float (*sum)[LANES]) {
  recurrent_function(cell, &cell->gate, sum[0], x);
  recurrent_write(cell->out + sample * cell->out_row + unit, sum[0], cell->units - unit);
}

KERNEL(f32_rnn)(const ck_recurrent *cell) { RECURRENT_EACH(1, 1, 0, cell->h, cell->h_row, rnn_lanes) }

#undef PANEL
#undef RECURRENT_EACH
#undef RECURRENT_ROWS
