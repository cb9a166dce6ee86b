/// What has been done to a weight so far: equal states hold equal values, which is what lets results be kept.
struct LayerState: Hashable, Sendable {
  /// The weight's name in the original.
  let weight: String
  private(set) var steps: [Step] = []

  indirect enum Step: Hashable, Sendable {
    /// The indices kept along the axes of outputs and of inputs; nil for all.
    case sliced(outputs: [Int]?, inputs: [Int]?)
    /// One piece of a factorization.
    case factor(FactorStep)
    /// Magnitudes below the threshold's bits zeroed, and so many equal to it.
    case thresholded(bits: UInt32, ties: Int)
    case pruned(PruningStep)
    /// Rows or columns multiplied by the factors with this digest.
    case scaled(UInt64)
    case stored(StoredForm)
  }

  init(weight: String) { self.weight = weight }

  func after(_ step: Step) -> LayerState {
    var next = self
    next.steps.append(step)
    return next
  }

  /// Whether it is what factors leave over, which is sparse already.
  var isResidual: Bool {
    steps.contains { step in
      if case .factor(let factor) = step { factor.isResidual } else { false }
    }
  }
}

/// States of several layers as 128 bits. A state that depends on others holds this rather than them: each of those may
/// depend on all in front of it, and states in states would double with every layer.
struct StatesDigest: Hashable, Sendable {
  private let halves: [Int]

  init(_ states: [LayerState]) {
    halves = [0, 1].map { half in
      var hasher = Hasher()
      hasher.combine(half)
      hasher.combine(states)
      return hasher.finalize()
    }
  }
}

/// One piece of a factorization.
struct FactorStep: Hashable, Sendable {
  let method: FactorizationMethod
  let ranks: [Int]
  /// Weights of the sparse residual.
  let residual: Int
  let index: Int
  let isResidual: Bool
  /// The states of all layers when what the layer reads was looked at; empty where it was not.
  let inputs: StatesDigest
}

/// Weights zeroed by one criterion in one pattern.
struct PruningStep: Hashable, Sendable {
  let criterion: PruningCriterion
  let pattern: PruningPattern
  let count: Int
  /// The states of all layers when what the layer reads was looked at; empty where it was not.
  let inputs: StatesDigest
}
