/// How a running kernel keeps its weights.
package indirect enum KernelStorage: Hashable, Sendable {
  /// Every weight, in panels of outputs.
  case dense(WeightFormat)
  /// Codes of 8 bits or fewer that stand for themselves.
  case packed(PackedWidth)
  /// Places in a table of values, 4 or 8 bits each.
  case codebook(PackedWidth)
  /// Single weights with their places.
  case sparse(WeightFormat, ZeroShares)
  /// At most n of m weights in a row, with their places.
  case pattern(KeepPattern)
  /// Strips of outputs that keep the same inputs.
  case blocks(ZeroShares)
  /// A window for each channel.
  case depthwise
  /// Panels of windows that are multiplied straight from the image.
  case direct
  /// None: both factors are computed.
  case computed
  /// None: queries, keys and values are computed.
  case attention(isLinear: Bool)
  /// Two thin matrices, one product after the other.
  case pair(KernelIdentity, KernelIdentity)
}

/// How a single weight is kept.
package enum WeightFormat: Hashable, Sendable {
  case float32
  case half(HalfFormat)
  /// 8-bit codes.
  case int8
}

/// Zeros among a layer's weights, as shares of all of them.
package struct ZeroShares: Hashable, Sendable {
  /// Weights that are zero.
  package let zeros: Double
  /// Weights that are not multiplied.
  package let skipped: Double

  /// - Parameter skipped: those of `zeros` where not given.
  init(zeros: Double, skipped: Double? = nil) {
    self.zeros = zeros
    self.skipped = skipped ?? zeros
  }
}

extension KernelStorage {
  /// The share of weights that are not multiplied, since they are known to be zero; nil for a pair, whose products
  /// differ.
  package var skipped: Double? {
    switch self {
    case .sparse(_, let shares), .blocks(let shares): shares.skipped
    case .pattern(let pattern): 1 - Double(pattern.kept) / Double(pattern.run)
    case .dense, .packed, .codebook, .depthwise, .direct, .computed, .attention: 0
    case .pair: nil
    }
  }

  /// Nil where the form does not depend on how many weights are zero.
  var shares: ZeroShares? {
    switch self {
    case .sparse(_, let shares), .blocks(let shares): shares
    case .dense, .packed, .codebook, .pattern, .depthwise, .direct, .computed, .attention, .pair: nil
    }
  }

  /// The same form with other shares, where it has any.
  func with(_ shares: ZeroShares) -> KernelStorage {
    switch self {
    case .sparse(let format, _): .sparse(format, shares)
    case .blocks: .blocks(shares)
    case .dense, .packed, .codebook, .pattern, .depthwise, .direct, .computed, .attention, .pair: self
    }
  }
}
