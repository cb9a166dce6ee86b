// What a thread does between two looks at a value that another thread is about to change.
#ifndef CK_PAUSE_H
#define CK_PAUSE_H

/// Lets the core's other work go first for a few dozen cycles; returns at once where a processor has no such hint.
static inline void ck_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#endif
