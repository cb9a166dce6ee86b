#define _GNU_SOURCE
#include <sched.h>

#include "../include/ck_features.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

int32_t ck_feature_level(void) {
  __builtin_cpu_init();
  if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))) return 0;
  // F16C has no name in every compiler's list: CPUID leaf 1, ECX bit 29.
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 29))) return 0;
  if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")))
    return 1;
  return __builtin_cpu_supports("avx512vnni") ? 3 : 2;
}

int32_t ck_processor_name(char *out, int32_t capacity) {
  unsigned words[12];
  if (capacity < 1) return 0;
  out[0] = 0;
  for (unsigned leaf = 0; leaf < 3; leaf++) {
    unsigned *w = words + 4 * leaf;
    if (!__get_cpuid(0x80000002u + leaf, w, w + 1, w + 2, w + 3)) return 0;
  }
  int32_t length = 0;
  const char *text = (const char *)words;
  while (length < 48 && length + 1 < capacity && text[length]) length++;
  while (length > 0 && text[length - 1] == ' ') length--;
  memcpy(out, text, (size_t)length);
  out[length] = 0;
  return length;
}

#else

int32_t ck_feature_level(void) { return 0; }

int32_t ck_processor_name(char *out, int32_t capacity) {
  if (capacity > 0) out[0] = 0;
  return 0;
}

#endif

int32_t ck_pin_thread(void) {
  const int core = sched_getcpu();
  if (core < 0) return 0;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  return sched_setaffinity(0, sizeof cores, &cores) == 0;
}
