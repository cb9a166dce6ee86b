// Helpers every kernel file shares.
#ifndef CK_INLINE_H
#define CK_INLINE_H

#define CK_INLINE static inline __attribute__((always_inline))
// Tiles live in registers only where every loop over the tile is unrolled.
#define CK_UNROLL _Pragma("clang loop unroll(full)")

/// Limits v to lo...hi; a NaN stays.
CK_INLINE float ck_clamp(float v, float lo, float hi) {
  v = v < lo ? lo : v;
  return v > hi ? hi : v;
}

#endif
