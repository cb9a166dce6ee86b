// What compressing takes: ranges, codes, the k-th smallest magnitude's candidates, masks, and streams of narrow codes.

// Bits of a magnitude are ordered as magnitudes are.
#define MAGNITUDE 0x7fffffffu
// Values looked at together before any is looked at alone.
#define COMPRESS_BLOCK 32

KERNEL(f32_extremes)(size_t n, const float *x, float *low, float *high) {
  // As signed integers in the order of floats: integer minima need no rule for NaN, so they become vector code.
  int32_t least = 0, most = 0;
  for (size_t i = 0; i < n; i++) {
    int32_t bits = (int32_t)bits_of(x[i]);
    int32_t key = bits ^ (bits >> 31 & 0x7fffffff);
    least = key < least ? key : least;
    most = key > most ? key : most;
  }
  *low = float_of((uint32_t)(least ^ (least >> 31 & 0x7fffffff)));
  *high = float_of((uint32_t)(most ^ (most >> 31 & 0x7fffffff)));
}

KERNEL(f32_encode_s8)
(size_t n, const float *x, float scale, int32_t zero_point, float low, float high, int8_t *out) {
  uint32_t shift = bits_of(ROUNDING) - (uint32_t)zero_point;
  INDEPENDENT for (size_t i = 0; i < n; i++) {
    float y = x[i] / scale;
    y = y < low ? low : y;
    y = y > high ? high : y;
    out[i] = (int8_t)(int32_t)(bits_of(y + ROUNDING) - shift);
  }
}

KERNEL(f32_collect_magnitudes)
(size_t n, const float *x, uint32_t low, uint32_t high, size_t capacity, uint32_t *out, size_t *found,
 size_t *below) {
  size_t kept = *found, less = 0;
  for (size_t first = 0; first < n; first += COMPRESS_BLOCK) {
    const float *block = x + first;
    uint32_t hits = 0, lower = 0;
    size_t count = n - first < COMPRESS_BLOCK ? n - first : COMPRESS_BLOCK;
    if (count == COMPRESS_BLOCK) {
      for (size_t i = 0; i < COMPRESS_BLOCK; i++) {
        uint32_t m = bits_of(block[i]) & MAGNITUDE;
        lower += m < low;
        hits += m - low < high - low;
      }
    } else {
      for (size_t i = 0; i < count; i++) {
        uint32_t m = bits_of(block[i]) & MAGNITUDE;
        lower += m < low;
        hits += m - low < high - low;
      }
    }
    less += lower;
    if (hits == 0) continue;
    for (size_t i = 0; i < count; i++) {
      uint32_t m = bits_of(block[i]) & MAGNITUDE;
      if (m - low < high - low) {
        if (kept < capacity) out[kept] = m;
        kept++;
      }
    }
  }
  *found = kept;
  *below += less;
}

KERNEL(f32_zero_magnitudes)(size_t n, const float *x, uint32_t bits, size_t *ties, float *out) {
  size_t left = *ties;
  for (size_t first = 0; first < n; first += COMPRESS_BLOCK) {
    const float *from = x + first;
    float *to = out + first;
    size_t count = n - first < COMPRESS_BLOCK ? n - first : COMPRESS_BLOCK;
    uint32_t equal = 0;
    if (left > 0)
      for (size_t i = 0; i < count; i++) equal += (bits_of(from[i]) & MAGNITUDE) == bits;
    if (equal == 0) {
      INDEPENDENT for (size_t i = 0; i < count; i++) {
        uint32_t m = bits_of(from[i]);
        to[i] = float_of((m & MAGNITUDE) < bits ? 0u : m);
      }
      continue;
    }
    for (size_t i = 0; i < count; i++) {
      uint32_t m = bits_of(from[i]) & MAGNITUDE;
      int tie = m == bits && left > 0;
      left -= (size_t)tie;
      to[i] = m < bits || tie ? 0.0f : from[i];
    }
  }
  *ties = left;
}

// Eight fields of `width` bits, one to a byte, side by side: neighbours join by pairs, fours, eights.
INLINE uint64_t squeeze(uint64_t v, int width) {
  const int gap = 8 - width;
  const uint64_t one = ((uint64_t)1 << width) - 1, two = ((uint64_t)1 << 2 * width) - 1;
  const uint64_t four = ((uint64_t)1 << 4 * width) - 1;
  const uint64_t pairs = one * 0x0001000100010001u, fours = two * 0x0000000100000001u;
  v = (v & pairs) | (v >> gap & pairs << width);
  v = (v & fours) | (v >> 2 * gap & fours << 2 * width);
  return (v & four) | (v >> 4 * gap & four << 4 * width);
}

// The byte of 4, 2 or 1 codes, `add` more each, of 2, 4 or 8 bits.
INLINE uint8_t join_four(uint32_t codes, uint32_t add) {
  uint32_t joined = 0;
  for (int k = 0; k < 4; k++) joined |= ((codes >> 6 * k) + (add << 2 * k)) & 0x3u << 2 * k;
  return (uint8_t)joined;
}
INLINE uint8_t join_two(uint16_t codes, uint16_t add) {
  uint16_t joined = 0;
  for (int k = 0; k < 2; k++)
    joined |= (uint16_t)((codes >> 4 * k) + (uint16_t)(add << 4 * k)) & (uint16_t)(0xf << 4 * k);
  return (uint8_t)joined;
}

// Codes that fill `count` bytes without a rest. A word holds the codes of one byte, and words are independent of each
// other, so that a register of them is shifted, joined and narrowed at once.
INLINE void pack_whole(const int32_t width, size_t count, const int8_t *codes, uint64_t add, uint8_t *out) {
  switch (width) {
    case 1:
      INDEPENDENT for (size_t j = 0; j < count; j++) {
        uint64_t v;
        memcpy(&v, codes + 8 * j, 8);
        out[j] = (uint8_t)squeeze(v ^ add * 0x0101010101010101u, 1);
      }
      break;
    case 2:
      INDEPENDENT for (size_t j = 0; j < count; j++) {
        uint32_t v;
        memcpy(&v, codes + 4 * j, 4);
        out[j] = join_four(v, (uint32_t)add);
      }
      break;
    case 4:
      INDEPENDENT for (size_t j = 0; j < count; j++) {
        uint16_t v;
        memcpy(&v, codes + 2 * j, 2);
        out[j] = join_two(v, (uint16_t)add);
      }
      break;
    default:
      INDEPENDENT for (size_t j = 0; j < count; j++) out[j] = (uint8_t)((uint8_t)codes[j] + (uint8_t)add);
      break;
  }
}

INLINE void pack_bits(const int32_t width, size_t n, const int8_t *codes, int32_t minus, uint8_t *out) {
  const uint64_t field = ((uint64_t)1 << width) - 1;
  size_t i = 0;
  if (8 % width == 0) {
    const uint64_t add = (uint64_t)-(int64_t)minus & field;
    const size_t whole = n / (size_t)(8 / width);
    pack_whole(width, whole, codes, add, out);
    i = whole * (size_t)(8 / width);
    out += whole;
  } else {
    // Bytes less one byte each, without borrowing from the neighbour: only the lowest `width` bits are kept.
    const uint64_t add = (uint64_t)(uint8_t)(-minus & 0x7f) * 0x0101010101010101u;
    // Eight bytes are written at a time: codes that fill them have to be left.
    const size_t room = (size_t)((64 + width - 1) / width);
    for (; i + room <= n; i += 8, out += width) {
      uint64_t v;
      memcpy(&v, codes + i, 8);
      v = squeeze((v & 0x7f7f7f7f7f7f7f7fu) + add, width);
      memcpy(out, &v, 8);
    }
  }
  uint64_t pending = 0;
  int bits = 0;
  for (; i < n; i++) {
    pending |= (uint64_t)((uint32_t)(codes[i] - minus) & field) << bits;
    for (bits += width; bits >= 8; bits -= 8, pending >>= 8) *out++ = (uint8_t)pending;
  }
  if (bits > 0) *out = (uint8_t)pending;
}

// Widths as constants: shifts by them then are immediate.
KERNEL(s8_pack_bits)(size_t n, const int8_t *codes, int32_t width, int32_t minus, uint8_t *out) {
  switch (width) {
    case 1: pack_bits(1, n, codes, minus, out); break;
    case 2: pack_bits(2, n, codes, minus, out); break;
    case 3: pack_bits(3, n, codes, minus, out); break;
    case 4: pack_bits(4, n, codes, minus, out); break;
    case 5: pack_bits(5, n, codes, minus, out); break;
    case 6: pack_bits(6, n, codes, minus, out); break;
    case 7: pack_bits(7, n, codes, minus, out); break;
    case 8: pack_bits(8, n, codes, minus, out); break;
    default: break;
  }
}

// 1 for +1, 0 for 0 and -1.
INLINE uint8_t signs(uint64_t v) { return (uint8_t)squeeze(v & ~(v >> 7) & 0x0101010101010101u, 1); }

KERNEL(s8_pack_signs)(size_t n, const int8_t *codes, uint8_t *out) {
  const size_t whole = n / 8;
  INDEPENDENT for (size_t j = 0; j < whole; j++) {
    uint64_t v;
    memcpy(&v, codes + 8 * j, 8);
    out[j] = signs(v);
  }
  if (n % 8 == 0) return;
  uint64_t v = 0;
  memcpy(&v, codes + 8 * whole, n % 8);
  out[whole] = signs(v);
}

KERNEL(s8_pack_trits)(size_t n, const int8_t *codes, uint8_t *out) {
  size_t i = 0;
  for (; i + 8 <= n; i += 5) {
    uint64_t v;
    memcpy(&v, codes + i, 8);
    // Five digits 0...2 times 1, 3, 9, 27, 81, summed in byte 4; lower bytes stay below 243 and do not carry.
    v = ((v & 0x0303030303u) + 0x0101010101u) & 0x0303030303u;
    *out++ = (uint8_t)(v * 0x0103091b51u >> 32);
  }
  for (; i < n; i += 5) {
    uint32_t byte = 0;
    for (size_t j = n - i < 5 ? n - i : 5; j-- > 0;) byte = byte * 3 + (uint32_t)(codes[i + j] + 1);
    *out++ = (uint8_t)byte;
  }
}
#undef MAGNITUDE
#undef COMPRESS_BLOCK
