import GraphIR
import TensorCore

/// An output as a metric is to judge it.
struct JudgedOutput: Sendable {
  let name: String
  let type: TensorType
  /// The shape of one sample.
  let sample: [Int]
  let kind: OutputKind
  let reference: Metric.Reference
  let data: EvaluationData
  /// Positions of a sequence that the task reads; nil for all.
  var positions: Range<Int>?

  /// Elements of one sample.
  var size: Int { sample.reduce(1, *) }

  /// Where the classes of the output lie: as its kind tells, else along the last axis, or the first of a picture.
  func grid() -> ClassGrid {
    let axis = kind.classAxis ?? (sample.count >= 3 ? 0 : max(0, sample.count - 1))
    let grid = ClassGrid(sample: sample, axis: axis)
    guard let positions, sample.count == 2, positions.upperBound <= grid.positions.count else { return grid }
    return grid.reading(positions)
  }

  /// - Throws: `EvaluationError.metric`, which says that this output is none for `metric`.
  func misfit(_ metric: String, _ expected: String) -> EvaluationError {
    .metric(metric, output: name, expected: expected, found: "\(type)")
  }
}
