/// What has been done to a weight so far: equal states hold equal values, which is what lets results be kept.
struct LayerState: Hashable, Sendable {
  /// The weight's name in the original.
  let weight: String
  private(set) var steps: [Step] = []

  indirect enum Step: Hashable, Sendable {
    /// The indices kept along the axes of outputs and of inputs; nil for all.
    case sliced(outputs: [Int]?, inputs: [Int]?)
    /// One factor of a pair of this rank.
    case factor(rank: Int, index: Int)
    /// Magnitudes below the threshold's bits zeroed, and so many equal to it.
    case pruned(bits: UInt32, ties: Int)
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
}
