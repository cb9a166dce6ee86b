import Execution
import GraphIR
import TensorCore

/// Cuts samples into batches of the size that a plan was made for.
struct BatchSlices {
  let batch: Int
  private let count: Int

  /// - Throws: `EvaluationError.noSamples` where there are fewer samples than the model's fixed batch.
  init(plan: ModelPlan, data: SampleInputs) throws {
    batch = plan.samplesPerRun(data.axes)
    count = data.count
    guard count >= batch else { throw EvaluationError.fewerThanBatch(samples: count, batch: batch) }
  }

  /// Runs that cover `range`: the samples of each run, always `batch` of them, and those among them that are new. The
  /// last run of all data reaches back, so that no sample has to be made up.
  func slices(of range: Range<Int>) -> [(run: Range<Int>, new: Range<Int>)] {
    stride(from: range.lowerBound, to: range.upperBound, by: batch).map { start in
      let first = min(start, count - batch)
      return (first..<first + batch, start..<min(start + batch, range.upperBound))
    }
  }
}

extension ModelPlan {
  /// Samples that one run takes, as the first input with an axis for them has it.
  func samplesPerRun(_ axes: SampleAxes) -> Int {
    for (name, type) in inputs {
      if case .axis(let axis) = axes[name], axis < type.shape.rank { return max(1, type.shape[axis]) }
    }
    return 1
  }
}
