// Probes of the machine's own peak, written once for every vector width. The including file defines CK_TARGET,
// CK_PROBE(name) -> name with its level, and VF, VI with
//   vf_set, vf_fma           float lanes
//   vi_set, vi_dot(s, a, b)  s + the products of bytes or 16-bit numbers this level multiplies integers with
//   vi_load, vi_or           reading
//   CK_DOT_PRODUCTS          products one vi_dot adds up
//   CK_KEEP(v)               keeps the compiler from dropping or merging v

// Twelve independent chains: more than latency times units on any processor this runs on.
#define CK_CHAINS 12

CK_TARGET double CK_PROBE(f32_peak)(size_t rounds) {
  VF sum[CK_CHAINS];
  VF a = vf_set(1.0000001f), b = vf_set(1e-9f);
  CK_UNROLL for (int i = 0; i < CK_CHAINS; i++) sum[i] = vf_set((float)i);
  for (size_t r = 0; r < rounds; r++) {
    CK_UNROLL for (int i = 0; i < CK_CHAINS; i++) sum[i] = vf_fma(sum[i], a, b);
    CK_KEEP(sum[0]);
  }
  CK_UNROLL for (int i = 0; i < CK_CHAINS; i++) CK_KEEP(sum[i]);
  return 2.0 * CK_CHAINS * (double)(sizeof(VF) / sizeof(float)) * (double)rounds;
}

CK_TARGET double CK_PROBE(u8s8_peak)(size_t rounds) {
  VI sum[CK_CHAINS];
  VI a = vi_set(0x01010101), b = vi_set(0x00010001);
  CK_UNROLL for (int i = 0; i < CK_CHAINS; i++) sum[i] = vi_set((uint32_t)i);
  for (size_t r = 0; r < rounds; r++) {
    // Operands the compiler cannot see through: else it would multiply once for all chains.
    CK_KEEP(a);
    CK_UNROLL for (int i = 0; i < CK_CHAINS; i++) {
      sum[i] = vi_dot(sum[i], a, b);
      CK_KEEP(sum[i]);
      CK_KEEP(a);
    }
  }
  CK_UNROLL for (int i = 0; i < CK_CHAINS; i++) CK_KEEP(sum[i]);
  return 2.0 * CK_CHAINS * CK_DOT_PRODUCTS * (double)rounds;
}

CK_TARGET double CK_PROBE(u8_read)(size_t bytes, const void *from) {
  const uint8_t *p = from;
  VI all[4];
  CK_UNROLL for (int i = 0; i < 4; i++) all[i] = vi_set(0);
  size_t at = 0;
  for (; at + 4 * sizeof(VI) <= bytes; at += 4 * sizeof(VI))
    CK_UNROLL for (int i = 0; i < 4; i++) all[i] = vi_or(all[i], vi_load(p + at + (size_t)i * sizeof(VI)));
  CK_UNROLL for (int i = 0; i < 4; i++) CK_KEEP(all[i]);
  return (double)at;
}
