import GraphIR
import TensorCore

/// The dimensions that a model's inputs leave open, beside that of the samples, and what they are taken as.
///
/// The samples' dimension stays open, so that batches can have any size.
package struct OpenDimensions: Sendable {
  private let inputs: [ValueInfo]
  private let axes: SampleAxes
  private let sampleNames: Set<String>

  package init(_ graph: Graph, axes: SampleAxes) {
    inputs = graph.inputs
    self.axes = axes
    sampleNames = Set(
      graph.inputs.compactMap { input in
        guard case .axis(let axis) = axes[input.name], let dimensions = input.dimensions,
          dimensions.indices.contains(axis), case .symbolic(let name) = dimensions[axis], !name.isEmpty
        else { return nil }
        return name
      })
  }

  /// Names of all open dimensions, in order of appearance; one without a name goes by `INPUT.AXIS`.
  package var names: [String] {
    var names: [String] = []
    for input in inputs {
      for (axis, dimension) in (input.dimensions ?? []).enumerated() {
        if let name = name(dimension, input, axis), !names.contains(name) { names.append(name) }
      }
    }
    return names
  }

  /// The inputs with the given dimensions fixed.
  /// - Throws: `SessionError.unknownDimension`.
  package func bound(_ numbers: [String: Int]) throws -> [ValueInfo] {
    if let odd = numbers.keys.filter({ !names.contains($0) }).min() {
      throw SessionError.unknownDimension(name: odd, choices: names)
    }
    return inputs.map { input in
      var input = input
      input.dimensions = input.dimensions?.enumerated().map { axis, dimension in
        name(dimension, input, axis).flatMap { numbers[$0] }.map { .fixed($0) } ?? dimension
      }
      return input
    }
  }

  /// Numbers for what is open beside the samples: from data that is fed, else small ones, with a sentence about those
  /// that were made up.
  func chosen(from data: [String: Tensor]) -> (numbers: [String: Int], notice: String?) {
    var numbers: [String: Int] = [:]
    var guessed: [String] = []
    for input in inputs {
      let place = axes[input.name]
      for (axis, dimension) in (input.dimensions ?? []).enumerated() where place != .axis(axis) {
        guard let name = name(dimension, input, axis), numbers[name] == nil, !sampleNames.contains(name)
        else {
          continue
        }
        let found = place == .whole ? axis + 1 : axis
        if let tensor = data[input.name], found < tensor.shape.rank {
          numbers[name] = tensor.shape[found]
        } else {
          let number = OpenDimensions.guess(input, axis: axis)
          numbers[name] = number
          guessed.append("\(name)=\(number)")
        }
      }
    }
    guard let first = guessed.first else { return (numbers, nil) }
    return (
      numbers,
      "The model leaves \(guessed.count == 1 ? "a dimension" : "dimensions") open, taken as "
        + "\(guessed.joined(separator: ", ")); choose others with --dim \(first)."
    )
  }

  /// Pictures of 64 by 64 (3 channels), signals of 512 values, sequences of 16.
  private static func guess(_ input: ValueInfo, axis: Int) -> Int {
    guard input.dataType.isFloatingPoint, let dimensions = input.dimensions else { return 16 }
    switch dimensions.count {
    case 4: return axis == 1 ? 3 : 64
    case 2 where axis == 1: return 512
    case 3 where axis == 2 && dimensions[1] == .fixed(1): return 512
    default: return 16
    }
  }

  private func name(_ dimension: Dimension, _ input: ValueInfo, _ axis: Int) -> String? {
    guard case .symbolic(let name) = dimension else { return nil }
    return name.isEmpty ? "\(input.name).\(axis)" : name
  }
}
