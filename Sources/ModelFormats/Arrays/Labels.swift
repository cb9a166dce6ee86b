import GraphIR
import TensorCore

/// Labels and targets brought into the form that a task is scored with.
package struct Labels {
  let file: String

  /// - Returns: classification: int64 [N], of one-hot labels [N, classes] the place of the one; sequence: int64 [N, answer
  ///   length]; positions: int64 [N, ...]; multi-label and regression: float32 [N, ...].
  func prepared(_ labels: Tensor, task: ModelTask, samples: Int) throws -> Tensor {
    let rows = labels.shape.rank > 0 ? labels.shape[0] : 0
    guard rows == samples else {
      throw FormatError.countMismatch(file: file, samples: samples, labels: rows)
    }
    let conversion = Conversion(file: file, array: "labels")
    switch task {
    case .classification:
      if let numbers = try OneHot.numbers(labels) { return numbers }
      guard labels.count == samples else {
        throw FormatError.invalidLabels(
          file: file,
          expected: "one class number per sample, shape [\(samples)], or one 1 among 0s in each row",
          found: "\(labels.shape)")
      }
      return try conversion.integers(labels.reshaped(to: Shape([samples])), to: .int64)
    case .sequence(_, let length):
      guard labels.shape.dimensions == [samples, length] else {
        throw FormatError.invalidLabels(
          file: file, expected: "the answer's tokens, shape [\(samples), \(length)]", found: "\(labels.shape)"
        )
      }
      return try conversion.integers(labels, to: .int64)
    case .positions:
      return try conversion.integers(labels, to: .int64)
    case .multiLabel:
      guard OneHot.isBinary(labels) else {
        throw FormatError.invalidLabels(
          file: file, expected: "0 or 1 for each label of a sample", found: "\(labels.shape)")
      }
      return try conversion.floats(labels, to: .float32)
    case .regression, .fidelity:
      if let index = FiniteCheck.firstNonFinite(labels) {
        throw FormatError.nonFiniteData(
          file: file, array: "labels", sample: index / max(1, labels.count / samples))
      }
      return try conversion.floats(labels, to: .float32)
    }
  }

  /// Checks labels against a model's output once the number of its classes is known.
  /// - Throws: `FormatError.labelOutOfRange` with the first sample at fault.
  package static func check(_ labels: Tensor, classes: Int) throws {
    let row = labels.shape.rank > 0 && labels.shape[0] > 0 ? max(1, labels.count / labels.shape[0]) : 1
    for (index, label) in labels.integers.enumerated() where label < 0 || label >= classes {
      throw FormatError.labelOutOfRange(label: label, sample: index / row, classes: classes)
    }
  }
}
