// AVX-512 intrinsics by SIMDe, and those it lacks (Debian 12 ships 0.7.4) written out. For Scripts/check-avx512 only.
#pragma once

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include <simde/x86/avx2.h>
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>

#define SHIM static inline __attribute__((unused))

typedef union {
  float f[16];
  int32_t i[16];
  uint8_t b[64];
  simde__m512 ps;
  simde__m512i si;
} shim512;

SHIM simde__m512 shim_mm512_maskz_loadu_ps(simde__mmask16 k, const void *p) {
  shim512 r = {{0}};
  for (int n = 0; n < 16; n++)
    if (k >> n & 1) memcpy(&r.f[n], (const float *)p + n, 4);
  return r.ps;
}
SHIM void shim_mm512_mask_storeu_ps(void *p, simde__mmask16 k, simde__m512 v) {
  shim512 r;
  r.ps = v;
  for (int n = 0; n < 16; n++)
    if (k >> n & 1) memcpy((float *)p + n, &r.f[n], 4);
}
SHIM simde__m128i shim_mm_maskz_loadu_epi8(simde__mmask16 k, const void *p) {
  uint8_t bytes[16] = {0};
  for (int n = 0; n < 16; n++)
    if (k >> n & 1) bytes[n] = ((const uint8_t *)p)[n];
  simde__m128i r;
  memcpy(&r, bytes, 16);
  return r;
}
SHIM void shim_mm_mask_storeu_epi8(void *p, simde__mmask16 k, simde__m128i v) {
  uint8_t bytes[16];
  memcpy(bytes, &v, 16);
  for (int n = 0; n < 16; n++)
    if (k >> n & 1) ((uint8_t *)p)[n] = bytes[n];
}
SHIM simde__m256i shim_mm256_maskz_loadu_epi16(simde__mmask16 k, const void *p) {
  uint16_t words[16] = {0};
  for (int n = 0; n < 16; n++)
    if (k >> n & 1) memcpy(&words[n], (const uint16_t *)p + n, 2);
  simde__m256i r;
  memcpy(&r, words, 32);
  return r;
}
SHIM simde__m512 shim_mm512_zextps256_ps512(simde__m256 v) {
  shim512 r = {{0}};
  memcpy(&r, &v, 32);
  return r.ps;
}
SHIM simde__m512 shim_mm512_i32gather_ps(simde__m512i at, const void *p, int scale) {
  shim512 index, r;
  index.si = at;
  for (int n = 0; n < 16; n++) memcpy(&r.f[n], (const char *)p + (long)index.i[n] * scale, 4);
  return r.ps;
}
SHIM simde__m512 shim_mm512_cvtepi32_ps(simde__m512i v) {
  shim512 a, r;
  a.si = v;
  for (int n = 0; n < 16; n++) r.f[n] = (float)a.i[n];
  return r.ps;
}
SHIM simde__m512i shim_mm512_cvtps_epi32(simde__m512 v) {
  shim512 a, r;
  a.ps = v;
  for (int n = 0; n < 16; n++) r.i[n] = (int32_t)rintf(a.f[n]);
  return r.si;
}
SHIM simde__m128i shim_mm512_cvtepi32_epi8(simde__m512i v) {
  shim512 a;
  a.si = v;
  uint8_t bytes[16];
  for (int n = 0; n < 16; n++) bytes[n] = (uint8_t)a.i[n];
  simde__m128i r;
  memcpy(&r, bytes, 16);
  return r;
}
SHIM simde__m512i shim_mm512_cvtepu16_epi32(simde__m256i v) {
  uint16_t words[16];
  memcpy(words, &v, 32);
  shim512 r;
  for (int n = 0; n < 16; n++) r.i[n] = words[n];
  return r.si;
}
SHIM simde__m512i shim_mm512_cvtepu8_epi32(simde__m128i v) {
  uint8_t bytes[16];
  memcpy(bytes, &v, 16);
  shim512 r;
  for (int n = 0; n < 16; n++) r.i[n] = bytes[n];
  return r.si;
}
SHIM simde__m512 shim_mm512_cvtph_ps(simde__m256i v) {
  _Float16 halves[16];
  memcpy(halves, &v, 32);
  shim512 r;
  for (int n = 0; n < 16; n++) r.f[n] = (float)halves[n];
  return r.ps;
}
