import TensorCore

/// Labels of a data set as the class numbers that an output's arg-max is held against.
struct ClassLabels {
  /// For each sample `perSample` numbers; below 0 where nothing is to be judged.
  let numbers: [Float]
  let notices: [String]

  /// Labels that count from 1, which the largest of them tells, are taken as such, with a notice.
  /// - Throws: `EvaluationError.targets` where there are more or fewer, or classes that the output does not have.
  init(_ output: JudgedOutput, perSample: Int, classes: Int) throws {
    let data = output.data
    guard let targets = data.targets, targets.count == data.count * perSample else {
      throw EvaluationError.targets(
        data: data.name, expected: "\(perSample) per sample",
        found: data.targets.map { "\($0.shape)" } ?? "missing")
    }
    let labels = targets.integers
    // Single labels are all judged; among many, negative ones are the usual mark of what is not.
    let lowest = perSample > 1 ? Int.min : 0
    let counted = labels.filter { perSample == 1 || $0 >= 0 }
    let first = counted.min() ?? 0
    let last = counted.max() ?? 0
    let shift = perSample == 1 && first == 1 && last == classes ? 1 : 0
    if let odd = labels.first(where: { $0 < lowest || $0 - shift >= classes }) {
      throw EvaluationError.targets(
        data: data.name, expected: "class numbers from 0 to \(classes - 1), as the output has",
        found: "\(odd)")
    }
    numbers = labels.map { Float($0 - shift) }
    notices =
      shift == 0
      ? []
      : [
        "The labels count from 1 to \(classes), so 1 is taken for the first of the \(classes) outputs; save them from "
          + "0 to have them taken as they are."
      ]
  }
}
