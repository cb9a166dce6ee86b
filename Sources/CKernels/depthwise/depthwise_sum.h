// Depthwise sums in plain C, for the portable kernels and the last channels of the others.
#ifndef CK_DEPTHWISE_SUM_H
#define CK_DEPTHWISE_SUM_H

#include "../include/ck_depthwise.h"
#include "../support/finish.h"

/// One channel's sum over the taps.
CK_INLINE float ck_depthwise_sum(const ck_window *window, const float *x, const float *w) {
  float sum = 0;
  for (size_t i = 0; i < window->tap_rows; i++)
    for (size_t j = 0; j < window->tap_columns; j++)
      sum += x[i * window->x_row + j * window->x_column] * w[i * window->w_row + j * window->w_column];
  return sum;
}

/// Channels from `first` on of one pixel, summed, finished and written.
CK_INLINE void ck_depthwise_channels(const ck_window *window, size_t pixel, size_t first, const uint8_t *x,
                                     const int16_t *w, void *y, const ck_integer_store *store) {
  x += pixel * window->x_pixel;
  for (size_t c = first; c < window->channels; c++) {
    int32_t sum = 0;
    for (size_t i = 0; i < window->tap_rows; i++)
      for (size_t j = 0; j < window->tap_columns; j++)
        sum += (x[i * window->x_row + j * window->x_column + c] - store->x_zero) *
               w[i * window->w_row + j * window->w_column + c];
    float v = (float)sum * (store->scale[c] * store->x_scale);
    if (store->bias) v += store->bias[c];
    v = ck_clamp(v, store->lo, store->hi);
    if (store->quantize)
      ((uint8_t *)y)[pixel * window->y_pixel + c] = ck_quantize(v, store->out_scale, store->out_zero);
    else
      ((float *)y)[pixel * window->y_pixel + c] = v;
  }
}

#endif
