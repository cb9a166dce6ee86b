import Evaluation
import GraphIR

/// Sets a part of labelled data aside for calibration where there is no data of its own for it.
enum CalibrationShare {
  /// A tenth of the samples, at most 256, chosen by a fixed shuffle; nil where there are fewer than ten.
  static func split(_ data: Dataset) throws -> (calibration: Dataset, evaluation: Dataset)? {
    let share = min(256, data.count / 10)
    guard share > 0 else { return nil }
    // A seed of its own: evaluation shuffles what is left once more.
    let order = EvaluationOrder.permutation(count: data.count, seed: 77)
    return (
      try data.selecting(order.prefix(share).sorted(), split: .calibration),
      try data.selecting(order.dropFirst(share).sorted(), split: .evaluation)
    )
  }
}
