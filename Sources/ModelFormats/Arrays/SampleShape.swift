import GraphIR
import TensorCore

/// How stored samples are brought into the shape that a model's input takes.
enum SampleShape {
  /// The shape that data of a model's input gets; nil where the samples do not fit.
  ///
  /// - As they are, where every known dimension agrees; also those that hold for all samples, which are not counted.
  /// - Of rank 0 for a scalar input, which takes one number for all samples.
  /// - With the axis of samples put in, where a run takes one sample whole and the data is one.
  /// - Cut into samples that lie end to end along the first axis, where a run takes one whole: [32, 6] for 8 of [4, 6].
  /// - With a channel axis of 1 put in: [N, H, W] for [N, 1, H, W].
  /// - Flattened or unflattened, where the number of elements of a sample agrees and the input's dimensions
  ///   are known.
  static func fitting(_ found: Shape, to input: ValueInfo, _ place: SamplePlace) -> Shape? {
    guard let wanted = input.sizes(place) else { return found }
    if wanted.isEmpty { return found.count == 1 ? [] : nil }
    if agrees(found.dimensions, wanted) { return found }
    if place == .whole, agrees([1] + found.dimensions, wanted) { return try? Shape([1] + found.dimensions) }
    if place == .whole, let first = wanted.dropFirst().first, let first, first > 0,
      found.rank + 1 == wanted.count,
      found[0] % first == 0, agrees(Array(found.dimensions.dropFirst()), Array(wanted.dropFirst(2)))
    {
      return try? Shape([found[0] / first, first] + found.dimensions.dropFirst())
    }
    // Other forms are told apart only where samples come first.
    guard place == .axis(0) || place == .whole, found.rank > 0 else { return nil }
    let sample = Array(found.dimensions.dropFirst())
    if agrees([found[0], 1] + sample, wanted) { return try? Shape([found[0], 1] + sample) }
    let fixed = wanted.dropFirst().compactMap { $0 }
    guard fixed.count + 1 == wanted.count, fixed.reduce(1, *) == sample.reduce(1, *),
      sample.count == 1 || fixed.count == 1
    else { return nil }
    return try? Shape([found[0]] + fixed)
  }

  private static func agrees(_ sizes: [Int], _ wanted: [Int?]) -> Bool {
    sizes.count == wanted.count
      && zip(sizes, wanted).allSatisfy { size, wanted in wanted == nil || wanted == size }
  }

  static func text(_ input: ValueInfo, _ place: SamplePlace) -> String {
    if input.dimensions?.isEmpty == true { return "one number for all samples" }
    let text = "[" + input.sizeTexts(place).joined(separator: ", ") + "]"
    return switch place {
    case .axis(0): text
    case .axis: text + ", N samples (--batch-axis \(input.name)=AXIS names another axis)"
    case .whole:
      text + ", N samples of which a run takes one (--batch-axis \(input.name)=AXIS says that it takes more)"
    case .shared: text + " for all samples (--batch-axis \(input.name)=AXIS says that there is one for each)"
    }
  }

  /// The sample that element `index` of data belongs to.
  static func sample(of index: Int, in shape: Shape, _ place: SamplePlace) -> Int {
    let axis: Int
    switch place {
    case .axis(let place): axis = place
    case .whole: axis = 0
    case .shared: return 0
    }
    guard axis < shape.rank, shape[axis] > 0 else { return 0 }
    return index / max(1, shape.dimensions[(axis + 1)...].reduce(1, *)) % shape[axis]
  }
}
