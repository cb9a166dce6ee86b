#include <string.h>

#include "../support/inline.h"
#include "../dispatch/matrix_declare.h"

// Four k of a byte row, or two as 16-bit numbers, are one 32-bit word: packing is then a transposition of words,
// out[word * mr + i], as it is for floats. Little-endian, as every processor this project runs on.

#if defined(__SSE2__)
#include <emmintrin.h>

CK_INLINE void write_columns(uint32_t *out, size_t mr, size_t rows, const __m128i word[4]) {
  if (rows == 4) {
    __m128i a = _mm_unpacklo_epi32(word[0], word[1]), b = _mm_unpackhi_epi32(word[0], word[1]);
    __m128i c = _mm_unpacklo_epi32(word[2], word[3]), d = _mm_unpackhi_epi32(word[2], word[3]);
    _mm_storeu_si128((__m128i *)out, _mm_unpacklo_epi64(a, c));
    _mm_storeu_si128((__m128i *)(out + mr), _mm_unpackhi_epi64(a, c));
    _mm_storeu_si128((__m128i *)(out + 2 * mr), _mm_unpacklo_epi64(b, d));
    _mm_storeu_si128((__m128i *)(out + 3 * mr), _mm_unpackhi_epi64(b, d));
  } else if (rows == 2) {
    __m128i a = _mm_unpacklo_epi32(word[0], word[1]), b = _mm_unpackhi_epi32(word[0], word[1]);
    _mm_storel_epi64((__m128i *)out, a);
    _mm_storel_epi64((__m128i *)(out + mr), _mm_srli_si128(a, 8));
    _mm_storel_epi64((__m128i *)(out + 2 * mr), b);
    _mm_storel_epi64((__m128i *)(out + 3 * mr), _mm_srli_si128(b, 8));
  } else if (mr == 1) {
    _mm_storeu_si128((__m128i *)out, word[0]);
  } else {
    uint32_t four[4];
    _mm_storeu_si128((__m128i *)four, word[0]);
    for (size_t i = 0; i < 4; i++) out[i * mr] = four[i];
  }
}

/// Packs whole runs of 16 k of `rows` rows; returns the first k left.
CK_INLINE size_t pack_runs(const int pairs, const size_t rows, size_t mr, size_t k, const uint8_t *x, size_t ldx,
                           uint32_t *out, int32_t *row_sums) {
  const __m128i zero = _mm_setzero_si128();
  __m128i sums[4] = {zero, zero, zero, zero};
  size_t p = 0;
  for (; p + 16 <= k; p += 16) {
    __m128i bytes[4] = {zero, zero, zero, zero}, low[4] = {zero, zero, zero, zero}, high[4] = {zero, zero, zero, zero};
    CK_UNROLL for (size_t i = 0; i < rows; i++) {
      bytes[i] = _mm_loadu_si128((const __m128i *)(x + i * ldx + p));
      if (row_sums) sums[i] = _mm_add_epi64(sums[i], _mm_sad_epu8(bytes[i], zero));
      low[i] = _mm_unpacklo_epi8(bytes[i], zero);
      high[i] = _mm_unpackhi_epi8(bytes[i], zero);
    }
    if (pairs) {
      write_columns(out + p / 2 * mr, mr, rows, low);
      write_columns(out + (p / 2 + 4) * mr, mr, rows, high);
    } else {
      write_columns(out + p / 4 * mr, mr, rows, bytes);
    }
  }
  if (row_sums)
    CK_UNROLL for (size_t i = 0; i < rows; i++)
      row_sums[i] = _mm_cvtsi128_si32(sums[i]) + _mm_cvtsi128_si32(_mm_srli_si128(sums[i], 8));
  return p;
}
#else
CK_INLINE size_t pack_runs(const int pairs, const size_t rows, size_t mr, size_t k, const uint8_t *x, size_t ldx,
                           uint32_t *out, int32_t *row_sums) {
  (void)pairs, (void)mr, (void)k, (void)x, (void)ldx, (void)out;
  for (size_t i = 0; row_sums && i < rows; i++) row_sums[i] = 0;
  return 0;
}
#endif

CK_INLINE void pack_rows(const int pairs, const size_t rows, size_t mr, size_t k, const uint8_t *x, size_t ldx,
                         uint32_t *out, int32_t *row_sums) {
  const size_t done = pack_runs(pairs, rows, mr, k, x, ldx, out, row_sums);
  for (size_t i = 0; done < k && i < rows; i++) {
    const uint8_t *row = x + i * ldx;
    uint32_t *column = out + i;
    uint32_t sum = row_sums ? (uint32_t)row_sums[i] : 0;
    for (size_t p = done; p < k; p += 4) {
      uint32_t four = 0;
      if (p + 4 <= k)
        memcpy(&four, row + p, 4);
      else
        for (size_t j = 0; p + j < k; j++) four |= (uint32_t)row[p + j] << (8 * j);
      const uint32_t even = four & 0x00ff00ffu, odd = four >> 8 & 0x00ff00ffu, both = even + odd;
      sum += (both & 0xffffu) + (both >> 16);
      if (!pairs) {
        column[p / 4 * mr] = four;
        continue;
      }
      column[p / 2 * mr] = (even & 0xffu) | odd << 16;
      if (p + 2 < k) column[(p / 2 + 1) * mr] = even >> 16 | (odd & 0xff0000u);
    }
    if (row_sums) row_sums[i] = (int32_t)sum;
  }
}

CK_INLINE void pack_tile(const int pairs, size_t mr, size_t k, const uint8_t *x, size_t ldx, uint32_t *out,
                    int32_t *row_sums) {
  for (size_t i = 0; i < mr;) {
    const size_t left = mr - i;
    const uint8_t *from = x + i * ldx;
    if (left >= 4) {
      pack_rows(pairs, 4, mr, k, from, ldx, out + i, row_sums ? row_sums + i : NULL);
      i += 4;
    } else if (left >= 2) {
      pack_rows(pairs, 2, mr, k, from, ldx, out + i, row_sums ? row_sums + i : NULL);
      i += 2;
    } else {
      pack_rows(pairs, 1, mr, k, from, ldx, out + i, row_sums ? row_sums + i : NULL);
      i += 1;
    }
  }
}

// Without sums nothing is spent on them.
CK_INLINE void pack(const int pairs, size_t mr, size_t k, const uint8_t *x, size_t ldx, uint32_t *out,
                    int32_t *row_sums) {
  if (row_sums)
    pack_tile(pairs, mr, k, x, ldx, out, row_sums);
  else
    pack_tile(pairs, mr, k, x, ldx, out, NULL);
}

void u8_pack_quads_portable(size_t mr, size_t k, const uint8_t *x, size_t ldx, void *out, int32_t *row_sums) {
  pack(0, mr, k, x, ldx, out, row_sums);
}

void u8_pack_pairs_portable(size_t mr, size_t k, const uint8_t *x, size_t ldx, void *out, int32_t *row_sums) {
  pack(1, mr, k, x, ldx, out, row_sums);
}
