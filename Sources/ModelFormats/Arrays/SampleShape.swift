import GraphIR
import TensorCore

/// How stored samples [N, ...] are brought into the shape that a model's input takes.
enum SampleShape {
  /// The shape, its first dimension the number of samples; nil where the samples do not fit.
  ///
  /// - Of rank 0 for a scalar input, which takes one number for all samples.
  /// - As they are, where every known dimension agrees.
  /// - With a channel axis of 1 put in: [N, H, W] for [N, 1, H, W].
  /// - Flattened or unflattened, where the number of elements of a sample agrees and the input's dimensions
  ///   are known.
  static func fitting(_ found: Shape, to expected: [Dimension]?) -> Shape? {
    guard let expected else { return found }
    if expected.isEmpty { return found.count == 1 ? [] : nil }
    guard found.rank > 0 else { return nil }
    let sample = Array(found.dimensions.dropFirst())
    let wanted = Array(expected.dropFirst())
    if agrees(sample, wanted) { return found }
    if sample.count + 1 == wanted.count, agrees([1] + sample, wanted) {
      return try? Shape([found[0], 1] + sample)
    }
    let fixed = wanted.compactMap { if case .fixed(let size) = $0 { size } else { nil } }
    guard fixed.count == wanted.count, fixed.reduce(1, *) == sample.reduce(1, *),
      sample.count == 1 || fixed.count == 1
    else { return nil }
    return try? Shape([found[0]] + fixed)
  }

  private static func agrees(_ sample: [Int], _ wanted: [Dimension]) -> Bool {
    sample.count == wanted.count
      && zip(sample, wanted).allSatisfy { size, dimension in
        if case .fixed(let expected) = dimension { expected == size } else { true }
      }
  }

  static func text(_ dimensions: [Dimension]) -> String {
    if dimensions.isEmpty { return "one number for all samples" }
    let parts = dimensions.enumerated().map { index, dimension in
      switch dimension {
      case _ where index == 0: "N"
      case .fixed(let size): "\(size)"
      case .symbolic(let name): name.isEmpty ? "?" : name
      }
    }
    return "[" + parts.joined(separator: ", ") + "]"
  }
}
