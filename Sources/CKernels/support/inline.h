// Helpers every kernel file shares.
#ifndef CK_INLINE_H
#define CK_INLINE_H

#define CK_INLINE static inline __attribute__((always_inline))
// What is seldom called, so that its code is there once.
#define CK_APART static __attribute__((noinline, unused))
// Tiles live in registers only where every loop over the tile is unrolled.
#define CK_UNROLL _Pragma("clang loop unroll(full)")
// Hides where a pointer comes from: what it points to then stays in memory until it is read, instead of taking registers
// from the sums while they are made.
#define CK_IN_MEMORY(pointer) __asm__ volatile("" : "+r"(pointer))

// Keeps the loads of one step behind those of the step before: taken together they want more registers than there are.
#define CK_IN_ORDER __asm__ volatile("" ::: "memory")

// Few steps between jumps: a core that two threads share fetches no more than it must, and a loop of one step a jump ran
// at three quarters of the speed there (AMD Zen 3, f32_gemm_6x16_avx2, 96 x 96 weights: 67 against 86 GFLOP/s).
#define CK_UNROLL_4 _Pragma("clang loop unroll_count(4)")
#define CK_ROLLED _Pragma("clang loop unroll(disable)")
// Steps from which that pays: a loop of fewer would mostly be its start and its end.
#define CK_LONG_RUN 16

// The cases of a switch over a count, each a call with the count as a constant: what lets its tile live in registers.
#define CK_COUNTS_TO_4(CALL) \
  case 1: CALL(1); break;    \
  case 2: CALL(2); break;    \
  case 3: CALL(3); break;    \
  case 4: CALL(4); break;
#define CK_COUNTS_TO_6(CALL) \
  CK_COUNTS_TO_4(CALL)       \
  case 5: CALL(5); break;    \
  case 6: CALL(6); break;
#define CK_COUNTS_TO_7(CALL) \
  CK_COUNTS_TO_6(CALL)       \
  case 7: CALL(7); break;
#define CK_COUNTS_TO_8(CALL) \
  CK_COUNTS_TO_7(CALL)       \
  case 8: CALL(8); break;
#define CK_COUNTS_TO_12(CALL) \
  CK_COUNTS_TO_8(CALL)        \
  case 9: CALL(9); break;     \
  case 10: CALL(10); break;   \
  case 11: CALL(11); break;   \
  case 12: CALL(12); break;

/// Limits v to lo...hi; a NaN stays.
CK_INLINE float ck_clamp(float v, float lo, float hi) {
  v = v < lo ? lo : v;
  return v > hi ? hi : v;
}

#endif
