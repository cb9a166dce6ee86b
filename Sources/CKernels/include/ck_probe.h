// Probes of the machine's own peaks, which kernels are measured against.
#ifndef CK_PROBE_H
#define CK_PROBE_H

#include "ck_types.h"

/// Multiplies and adds in registers only, `rounds` times over; returns the operations done, a multiplication and an
/// addition counting as two.
typedef double ck_peak_fn(size_t rounds);

/// Reads `bytes` bytes once, in order; returns those read, whole vectors only.
typedef double ck_read_fn(size_t bytes, const void *_Nonnull from);

#define CK_PROBE_SLOTS(S, O)   \
  S(f32_peak, ck_peak_fn)      \
  S(u8s8_peak, ck_peak_fn)     \
  S(u8_read, ck_read_fn)

#define CK_PROBE_KERNELS(X)                          \
  X(0, f32_peak, f32_peak_portable, 0, 0, 1)         \
  X(0, u8s8_peak, u8s8_peak_portable, 0, 0, 1)       \
  X(0, u8_read, u8_read_portable, 0, 0, 1)           \
  CK_X86(                                            \
    X(1, f32_peak, f32_peak_avx2, 0, 0, 1)           \
    X(1, u8s8_peak, u8s8_peak_avx2, 0, 0, 1)         \
    X(1, u8_read, u8_read_avx2, 0, 0, 1)             \
    X(2, f32_peak, f32_peak_avx512, 0, 0, 1)         \
    X(2, u8s8_peak, u8s8_peak_avx512, 0, 0, 1)       \
    X(2, u8_read, u8_read_avx512, 0, 0, 1)           \
    X(3, u8s8_peak, u8s8_peak_avx512vnni, 0, 0, 1)   \
  )

#endif
