import CKernels

/// Attention of one head over float rows, made without the matrix of scores: out = softmax(scale · Q Kᵀ + mask) · V,
/// or its linear variant.
///
/// A value made once per layer. The heads of a batch are one call each: pass the addresses of a head's first row and
/// the distances between its rows. Calls over parts of the queries are independent of each other (pass the first
/// query of the part in the addresses, and the part's place in `run`'s `firstQuery`), so threads may share a head.
/// Nothing is allocated and no lock is taken.
package struct Attention: Sendable {
  /// How scores become weights.
  package enum Form: Equatable, Sendable {
    /// exp(score) over the sum of all of them (Vaswani et al., arXiv:1706.03762), in blocks with a running maximum
    /// (arXiv:1805.02867). A query that sees no key above −∞ gives NaN, as softmax does.
    case softmax(scale: Float)
    /// φ(q)·φ(k) with φ = elu + 1, over their sum + `epsilon` (Katharopoulos et al., arXiv:2006.16236). No mask.
    case linear(epsilon: Float)
  }

  /// Which keys a query sees.
  package enum Visibility: Equatable, Sendable {
    case all
    /// Query i sees keys 0...i + offset; offset is keys − queries where the last query sees every key.
    case causal(offset: Int)
  }

  package let form: Form
  package let visibility: Visibility
  /// Columns of Q and K.
  package let depth: Int
  /// Columns of V and of the result.
  package let valueDepth: Int
  private let table: KernelTable

  /// - Precondition: depths are not negative.
  package init(
    _ form: Form, visibility: Visibility = .all, depth: Int, valueDepth: Int, table: KernelTable
  ) {
    precondition(depth >= 0 && valueDepth >= 0, "depths are counts")
    self.form = form
    self.visibility = visibility
    self.depth = depth
    self.valueDepth = valueDepth
    self.table = table
  }

  package var identity: KernelIdentity {
    let isLinear = if case .linear = form { true } else { false }
    return KernelIdentity(.float32, .attention(isLinear: isLinear), KernelCode(level: table.level))
  }

  /// Bytes of scratch one call needs, whatever its queries and keys.
  package var scratchBytes: Int {
    let keys = Int(CK_ATTENTION_KEYS)
    let queries = Int(CK_ATTENTION_QUERIES)
    return switch form {
    case .softmax: 4 * (depth * keys + queries * keys + 2 * queries)
    case .linear: 4 * (depth * (valueDepth + 1 + 2 * queries + keys) + queries * keys)
    }
  }

  /// A matrix of floats by rows: its first element, and the distance from row to row.
  package struct Rows {
    package var start: UnsafePointer<Float>
    package var stride: Int

    package init(_ start: UnsafePointer<Float>, stride: Int) {
      self.start = start
      self.stride = stride
    }
  }

  /// out [queries, valueDepth] from q [queries, depth], k [keys, depth], v [keys, valueDepth].
  ///
  /// - Parameters:
  ///   - mask: added to the scaled scores, [queries, keys]; a stride of 0 serves every query with one row. Softmax only.
  ///   - firstQuery: the place of q's first row among the queries that `visibility` counts.
  ///   - out: rows `outStride` apart; overlaps none of the inputs.
  ///   - scratch: `scratchBytes` bytes, 64-byte aligned, used by no one else meanwhile.
  package func run(
    queries: Int, keys: Int, q: Rows, k: Rows, v: Rows, mask: Rows? = nil, firstQuery: Int = 0,
    out: UnsafeMutablePointer<Float>, outStride: Int, scratch: UnsafeMutableRawPointer
  ) {
    var head = ck_attention()
    head.queries = queries
    head.keys = keys
    head.depth = depth
    head.value_depth = valueDepth
    head.q_row = q.stride
    head.k_row = k.stride
    head.v_row = v.stride
    head.out_row = outStride
    if case .causal(let offset) = visibility {
      head.causal = 1
      head.offset = offset + firstQuery
    }
    let kernels = table.vector.kernels
    let scratch = scratch.assumingMemoryBound(to: Float.self)
    switch form {
    case .softmax(let scale):
      head.scale = scale
      head.mask = mask?.start
      head.mask_row = mask?.stride ?? 0
      kernels.pointee.f32_attention(&head, q.start, k.start, v.start, out, scratch)
    case .linear(let epsilon):
      head.epsilon = epsilon
      kernels.pointee.f32_linear_attention(&head, q.start, k.start, v.start, out, scratch)
    }
  }
}
