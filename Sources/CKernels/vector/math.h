// Scalar functions written without branches, so that loops over them become vector code at every level.
//
// The polynomials are minimax fits made for this file (iteratively reweighted least squares on Chebyshev nodes):
// exp to 5e-11 relative before rounding, erf to 2e-9, tanh and artanh to 4e-9.

INLINE uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
INLINE float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// Adding and subtracting it rounds to the nearest integer, ties to even, for |x| < 2^22.
#define ROUNDING 0x1.8p23f

/// e^r for |r| <= ln 2 / 2.
INLINE float exp_polynomial_f32(float r) {
  float p = 0.000199188158f;
  p = p * r + 0.00139463926f;
  p = p * r + 0.00833326392f;
  p = p * r + 0.0416662656f;
  p = p * r + 0.166666672f;
  p = p * r + 0.5f;
  p = p * (r * r) + r;
  return p + 1.0f;
}

/// e^x, about 1 ulp over the whole range, denormal results included; overflow gives inf, underflow 0.
INLINE float exp_f32(float x) {
  // Beyond these the result is 0 or inf anyway, and the exponent below stays in range.
  float c = x < -104.0f ? -104.0f : x;
  c = c > 89.0f ? 89.0f : c;
  float shifted = c * 1.44269504f + ROUNDING;
  float n = shifted - ROUNDING;
  // ln 2 in two parts: the first has few enough bits for n times it to be exact.
  float r = c - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = exp_polynomial_f32(r);
  // 2^n as two factors: n reaches below the smallest normal exponent.
  int32_t exponent = (int32_t)(bits_of(shifted) - bits_of(ROUNDING));
  int32_t half = exponent >> 1;
  float first = float_of(((uint32_t)half + 127u) << 23);
  float second = float_of(((uint32_t)exponent - (uint32_t)half + 127u) << 23);
  float result = p * first * second;
  return x != x ? x : result;
}

/// e^x as exp_f32 makes it, for -87 < x <= 0: the result is a normal number, and 2^n one factor.
INLINE float exp_negative_f32(float x) {
  float shifted = x * 1.44269504f + ROUNDING;
  float n = shifted - ROUNDING;
  float r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = exp_polynomial_f32(r);
  return p * float_of((bits_of(shifted) - bits_of(ROUNDING) + 127u) << 23);
}

/// e^x for x <= 0 as softmax weighs, 0 below e^-87: beside the largest weight, 1, such a one is nothing, and denormal
/// results take long.
INLINE float weight_f32(float x) {
  const float weight = exp_negative_f32(x < -87.0f ? -87.0f : x);
  return x < -87.0f ? 0.0f : weight;
}

/// erf(x) to about 2 ulp.
INLINE float erf_f32(float x) {
  const uint32_t sign = bits_of(x) & 0x80000000u;
  float a = float_of(bits_of(x) ^ sign);
  float t = a * a;
  float near = 7.88912294e-05f;
  near = near * t + -0.000802084222f;
  near = near * t + 0.00518953567f;
  near = near * t + -0.0268544443f;
  near = near * t + 0.112836003f;
  near = near * t + -0.37612626f;
  near = near * t + 1.12837911f;
  near = near * x;
  // Farther out, -log(1 - erf) is smooth. From 4 on erf rounds to 1.
  float b = a > 4.0f ? 4.0f : a;
  float q = 2.16867684e-05f;
  q = q * b + -0.000441335374f;
  q = q * b + 0.00420455635f;
  q = q * b + -0.0252082422f;
  q = q * b + 0.108418554f;
  q = q * b + 0.633219898f;
  q = q * b + 1.12957835f;
  q = q * b + -0.000188037055f;
  float far = float_of(bits_of(1.0f - exp_negative_f32(-q)) | sign);
  // A NaN is neither: it stays in the first.
  return a >= 1.0f ? far : near;
}

/// tanh(x) to about 2 ulp.
INLINE float tanh_f32(float x) {
  float a = x < 0.0f ? -x : x;
  float t = a * a;
  float near = -0.00571704516f;
  near = near * t + 0.020650588f;
  near = near * t + -0.0537434965f;
  near = near * t + 0.133314908f;
  near = near * t + -0.333332837f;
  near = near * (t * x) + x;
  float far = 1.0f - 2.0f / (exp_f32(2.0f * a) + 1.0f);
  far = x < 0.0f ? -far : far;
  float result = a < 0.625f ? near : far;
  return x != x ? x : result;
}

/// x Phi(x), Phi the normal distribution, to 1e-7, and to 2e-6 of itself down to x = -4: for x < 0 it is what x Phi(-x)
/// lacks of x for x > 0, and -log(2 Phi(-x)) is smooth.
INLINE float gelu_erf_f32(float x) {
  float a = float_of(bits_of(x) & 0x7fffffffu);
  a = a > 7.5f ? 7.5f : a;
  float q = 7.05857905e-09f;
  q = q * a + -2.45743905e-07f;
  q = q * a + 3.62182345e-06f;
  q = q * a + -2.81770263e-05f;
  q = q * a + 0.000101531085f;
  q = q * a + 0.000209186197f;
  q = q * a + -0.00509809004f;
  q = q * a + 0.0365633294f;
  q = q * a + 0.318229258f;
  q = q * a + 0.797894418f;
  return (x > 0.0f ? x : 0.0f) - 0.5f * a * exp_negative_f32(-q * a);
}

INLINE float sigmoid_f32(float x) { return 1.0f / (1.0f + exp_f32(-x)); }

/// ln(1 + e^x) to about 3 ulp. With t = e^-|x| it is max(x, 0) + ln(1 + t), and ln(1 + t) = 2 artanh(t / (2 + t)), whose
/// argument is at most 1/3.
INLINE float softplus_f32(float x) {
  const float t = exp_f32(-float_of(bits_of(x) & 0x7fffffffu));
  const float s = t / (2.0f + t);
  const float q = s * s;
  float p = 0.281783164f;
  p = p * q + 0.279606074f;
  p = p * q + 0.400249094f;
  p = p * q + 0.666663170f;
  p = p * q + 2.0f;
  return (x < 0.0f ? 0.0f : x) + p * s;
}

/// x tanh(ln(1 + e^x)) to about 4 ulp: with n = e^x (e^x + 2) it is x n / (n + 2), which is x from 20 on.
INLINE float mish_f32(float x) {
  const float e = exp_f32(x > 20.0f ? 20.0f : x);
  const float n = e * (e + 2.0f);
  return x * (n / (n + 2.0f));
}

// A NaN in a is kept by the second test, one in b by the first failing.
INLINE float max_f32(float a, float b) { return ((a > b) | (a != a)) ? a : b; }
INLINE float min_f32(float a, float b) { return ((a < b) | (a != a)) ? a : b; }
INLINE float clip_f32(float x, float low, float high) {
  float y = x < low ? low : x;
  return y > high ? high : y;
}
