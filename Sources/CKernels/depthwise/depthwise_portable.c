#include "depthwise_sum.h"
#include "../dispatch/matrix_declare.h"

void f32_depthwise_portable(const ck_window *window, const float *x, const float *w, const float *bias, float lo,
                            float hi, float *y) {
  for (size_t p = 0; p < window->pixels; p++)
    for (size_t c = 0; c < window->channels; c++)
      y[p * window->y_pixel + c] = ck_clamp(
          ck_depthwise_sum(window, x + p * window->x_pixel + c, w + c) + (bias ? bias[c] : 0), lo, hi);
}

void u8s8_depthwise_portable(const ck_window *window, const uint8_t *x, const int16_t *w, void *y,
                             const ck_integer_store *store) {
  for (size_t p = 0; p < window->pixels; p++) ck_depthwise_channels(window, p, 0, x, w, y, store);
}
