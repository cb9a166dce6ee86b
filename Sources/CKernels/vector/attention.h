// Attention without ever holding the whole matrix of scores.
//
// Softmax attention runs over blocks of keys with a running maximum and sum for each query (M. Milakov and
// N. Gimelshein, "Online normalizer calculation for softmax", arXiv:1805.02867; T. Dao et al., "FlashAttention",
// arXiv:2205.14135). Linear attention keeps sums over keys instead (A. Katharopoulos et al., "Transformers are RNNs",
// arXiv:2006.16236), causal in chunks: a chunk sees the state before it and, pair by pair, itself.

#define MATMUL VECTOR_PASTE(f32_matmul, VECTOR_LEVEL)

// Four rows of four, turned.
INLINE void turn_four(vec4 *r) {
  const vec4 a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), b = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
  const vec4 c = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7), d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  r[0] = __builtin_shufflevector(a, b, 0, 1, 4, 5);
  r[1] = __builtin_shufflevector(a, b, 2, 3, 6, 7);
  r[2] = __builtin_shufflevector(c, d, 0, 1, 4, 5);
  r[3] = __builtin_shufflevector(c, d, 2, 3, 6, 7);
}

// `count` keys, turned: out[p * CK_ATTENTION_KEYS + j] = k[j][p], zeros up to a whole vector of keys. Written in whole
// vectors, as they are read soon after.
INLINE void turn_keys(size_t count, size_t depth, const float *k, size_t k_row, float *out) {
  for (size_t j = 0; j < count; j += LANES) {
    const size_t rows = count - j < LANES ? count - j : LANES;
    const float *from = k + j * k_row;
    size_t p = 0;
    for (; p + 4 <= depth; p += 4) {
      vec4 r[LANES / 4][4];
      for (size_t u = 0; u < LANES; u++) {
        r[u / 4][u % 4] = (vec4){0};
        if (u < rows) memcpy(&r[u / 4][u % 4], from + u * k_row + p, sizeof(vec4));
      }
      for (size_t g = 0; g < LANES / 4; g++) turn_four(r[g]);
      for (size_t v = 0; v < 4; v++) {
        vec4 line[LANES / 4];
        for (size_t g = 0; g < LANES / 4; g++) line[g] = r[g][v];
        vecf whole;
        memcpy(&whole, line, sizeof whole);
        store(out + (p + v) * CK_ATTENTION_KEYS + j, whole);
      }
    }
    for (; p < depth; p++)
      for (size_t u = 0; u < LANES; u++) out[p * CK_ATTENTION_KEYS + j + u] = u < rows ? from[u * k_row + p] : 0.0f;
  }
}

INLINE size_t whole_vectors(size_t n) { return (n + LANES - 1) / LANES * LANES; }

INLINE void multiply_row(size_t n, float *x, float factor) {
  size_t j = 0;
  for (; j + LANES <= n; j += LANES) store(x + j, load(x + j) * factor);
  for (; j < n; j++) x[j] *= factor;
}

INLINE void divide_row(size_t n, float *x, float divisor) {
  size_t j = 0;
  for (; j + LANES <= n; j += LANES) store(x + j, load(x + j) / divisor);
  for (; j < n; j++) x[j] /= divisor;
}

// Scales and masks the `visible` scores of a row and hides the others, up to `n`, whole vectors; returns the largest,
// where no NaN need win. Of the mask, `whole` tells whether memory goes on up to `n`.
INLINE float mask_row(size_t visible, size_t n, float *s, float scale, const float *mask, int whole) {
  veci lane;
  for (int32_t i = 0; i < LANES; i++) lane[i] = i;
  vecf peak = (vecf){0} - INFINITY;
  for (size_t j = 0; j < n; j += LANES) {
    vecf v = load(s + j) * scale;
    if (mask && (whole || j + LANES <= visible)) {
      v += load(mask + j);
    } else if (mask) {
      for (size_t u = 0; u < LANES && j + u < visible; u++) v[u] += mask[j + u];
    }
    const veci seen = lane + (int32_t)j < (int32_t)visible;
    v = either(seen, v, (vecf){0} - INFINITY);
    store(s + j, v);
    peak = either(v > peak, v, peak);
  }
  return peak_lanes(peak);
}

KERNEL(f32_attention)
(const ck_attention *a, const float *q, const float *k, const float *v, float *out, float *scratch) {
  float *turned = scratch;
  float *scores = turned + a->depth * CK_ATTENTION_KEYS;
  float *peak = scores + CK_ATTENTION_QUERIES * CK_ATTENTION_KEYS;
  float *sum = peak + CK_ATTENTION_QUERIES;
  for (size_t first = 0; first < a->queries; first += CK_ATTENTION_QUERIES) {
    size_t rows = a->queries - first < CK_ATTENTION_QUERIES ? a->queries - first : CK_ATTENTION_QUERIES;
    float *y = out + first * a->out_row;
    float highest[CK_ATTENTION_QUERIES];
    for (size_t i = 0; i < rows; i++) {
      peak[i] = -INFINITY;
      sum[i] = 0.0f;
    }
    // Keys that the last query of the block sees, and every key where order does not matter.
    size_t seen = a->keys;
    if (a->causal) {
      ptrdiff_t last = (ptrdiff_t)(first + rows) + a->offset;
      seen = last <= 0 ? 0 : (size_t)last < a->keys ? (size_t)last : a->keys;
    }
    for (size_t key = 0; key < seen; key += CK_ATTENTION_KEYS) {
      size_t count = seen - key < CK_ATTENTION_KEYS ? seen - key : CK_ATTENTION_KEYS;
      turn_keys(count, a->depth, k + key * a->k_row, a->k_row, turned);
      MATMUL(rows, whole_vectors(count), a->depth, q + first * a->q_row, a->q_row, 1, turned, CK_ATTENTION_KEYS, scores,
             CK_ATTENTION_KEYS, 0);
      // One thing at a time for all rows: within one they wait for each other.
      const size_t n = whole_vectors(count);
      for (size_t i = 0; i < rows; i++) {
        size_t visible = count;
        if (a->causal) {
          ptrdiff_t end = (ptrdiff_t)(first + i) + a->offset + 1 - (ptrdiff_t)key;
          visible = end <= 0 ? 0 : (size_t)end < count ? (size_t)end : count;
        }
        const float *mask = a->mask ? a->mask + (first + i) * a->mask_row + key : NULL;
        // Where another row follows, or the rest of this one.
        const int whole = (first + i) * a->mask_row + key + n <= (a->queries - 1) * a->mask_row + a->keys;
        highest[i] = mask_row(visible, n, scores + i * CK_ATTENTION_KEYS, a->scale, mask, whole);
        highest[i] = highest[i] > peak[i] ? highest[i] : peak[i];
      }
      for (size_t i = 0; i < rows; i++) {
        float *s = scores + i * CK_ATTENTION_KEYS;
        // Where all so far is -inf, any finite shift keeps it at weight 0. So weights of hidden keys become.
        const float shift = highest[i] == -INFINITY ? 0.0f : highest[i];
        for (size_t j = 0; j < n; j += LANES) {
          INDEPENDENT for (size_t u = 0; u < LANES; u++) s[j + u] = weight_f32(s[j + u] - shift);
        }
      }
      for (size_t i = 0; i < rows; i++) {
        const float added = row_sum(scores + i * CK_ATTENTION_KEYS, n);
        if (key == 0) {
          sum[i] = added;
        } else if (peak[i] == highest[i]) {
          sum[i] += added;
        } else {
          const float keep = exp_f32(peak[i] - highest[i]);
          sum[i] = sum[i] * keep + added;
          multiply_row(a->value_depth, y + i * a->out_row, keep);
        }
        peak[i] = highest[i];
      }
      MATMUL(rows, a->value_depth, count, scores, CK_ATTENTION_KEYS, 1, v + key * a->v_row, a->v_row, y, a->out_row,
             key > 0);
    }
    for (size_t i = 0; i < rows; i++) {
      if (seen == 0) memset(y + i * a->out_row, 0, a->value_depth * sizeof(float));
      divide_row(a->value_depth, y + i * a->out_row, sum[i]);
    }
  }
}

// elu(x) + 1.
INLINE void feature_rows(size_t rows, size_t n, const float *x, size_t x_row, float *out) {
  for (size_t i = 0; i < rows; i++, x += x_row, out += n) {
    INDEPENDENT for (size_t j = 0; j < n; j++) out[j] = x[j] > 0.0f ? x[j] + 1.0f : exp_f32(x[j]);
  }
}

// Adds keys to the state: kv += phi(k)' v, total += sum of phi(k).
INLINE void add_keys(const ck_attention *a, size_t count, const float *features, const float *v, float *kv,
                     float *total) {
  MATMUL(a->depth, a->value_depth, count, features, 1, a->depth, v, a->v_row, kv, a->value_depth, 1);
  for (size_t j = 0; j < count; j++) {
    const float *row = features + j * a->depth;
    INDEPENDENT for (size_t p = 0; p < a->depth; p++) total[p] += row[p];
  }
}

INLINE float dot_row(size_t n, const float *x, const float *y) {
  vecf sum = {0};
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) sum += load(x + i) * load(y + i);
  float s = sum_lanes(sum);
  for (; i < n; i++) s += x[i] * y[i];
  return s;
}

KERNEL(f32_linear_attention)
(const ck_attention *a, const float *q, const float *k, const float *v, float *out, float *scratch) {
  const size_t chunk = CK_ATTENTION_QUERIES;
  float *kv = scratch;
  float *total = kv + a->depth * a->value_depth;
  float *queries = total + a->depth;
  float *keys = queries + chunk * a->depth;
  float *turned = keys + chunk * a->depth;
  float *scores = turned + a->depth * CK_ATTENTION_KEYS;
  memset(kv, 0, (a->depth * a->value_depth + a->depth) * sizeof(float));
  size_t known = 0;
  for (size_t first = 0; first < a->queries; first += chunk) {
    // Keys that all of these queries see go to the state first.
    size_t rows = a->queries - first < chunk ? a->queries - first : chunk;
    size_t past = a->keys;
    if (a->causal) {
      ptrdiff_t seen = (ptrdiff_t)first + a->offset + 1;
      past = seen <= 0 ? 0 : (size_t)seen < a->keys ? (size_t)seen : a->keys;
    }
    while (known < past) {
      size_t count = past - known < chunk ? past - known : chunk;
      feature_rows(count, a->depth, k + known * a->k_row, a->k_row, keys);
      add_keys(a, count, keys, v + known * a->v_row, kv, total);
      known += count;
    }
    float *y = out + first * a->out_row;
    feature_rows(rows, a->depth, q + first * a->q_row, a->q_row, queries);
    MATMUL(rows, a->value_depth, a->depth, queries, a->depth, 1, kv, a->value_depth, y, a->out_row, 0);
    float sums[CK_ATTENTION_QUERIES];
    for (size_t i = 0; i < rows; i++) sums[i] = dot_row(a->depth, queries + i * a->depth, total) + a->epsilon;
    if (a->causal) {
      // Keys from `known` on that the last of these queries sees, each by the queries at or after it.
      ptrdiff_t end = (ptrdiff_t)(first + rows) + a->offset;
      size_t seen = end <= 0 ? 0 : (size_t)end < a->keys ? (size_t)end : a->keys;
      size_t count = seen > known ? seen - known : 0;
      if (count > 0) {
        feature_rows(count, a->depth, k + known * a->k_row, a->k_row, keys);
        turn_keys(count, a->depth, keys, a->depth, turned);
        MATMUL(rows, whole_vectors(count), a->depth, queries, a->depth, 1, turned, CK_ATTENTION_KEYS, scores,
               CK_ATTENTION_KEYS, 0);
        for (size_t i = 0; i < rows; i++) {
          float *s = scores + i * CK_ATTENTION_KEYS;
          ptrdiff_t visible = (ptrdiff_t)(first + i) + a->offset + 1 - (ptrdiff_t)known;
          size_t kept = visible <= 0 ? 0 : (size_t)visible < count ? (size_t)visible : count;
          for (size_t j = kept; j < count; j++) s[j] = 0.0f;
          sums[i] += row_sum(s, kept);
        }
        MATMUL(rows, a->value_depth, count, scores, CK_ATTENTION_KEYS, 1, v + known * a->v_row, a->v_row, y,
               a->out_row, 1);
      }
    }
    for (size_t i = 0; i < rows; i++) {
      divide_row(a->value_depth, y + i * a->out_row, sums[i]);
    }
  }
}
#undef MATMUL
