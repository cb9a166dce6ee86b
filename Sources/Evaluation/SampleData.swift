import GraphIR
import TensorCore

/// Data that accuracy is measured on, in the fixed order in which it is seen.
package struct EvaluationData: Sendable {
  package private(set) var name: String
  package let task: ModelTask
  /// Whether the samples are made up because there is no data.
  package let isSynthetic: Bool
  private(set) var samples: SampleInputs
  let targets: Tensor?

  package var count: Int { samples.count }

  /// - Throws: `EvaluationError` where the split is not `.evaluation` or the samples do not fit the graph's inputs.
  package init(_ dataset: Dataset, for graph: Graph, axes: SampleAxes? = nil) throws {
    guard dataset.split == .evaluation else {
      throw EvaluationError.wrongSplit(
        data: dataset.name, expected: "evaluation", found: dataset.split.rawValue)
    }
    samples = try SampleInputs(dataset, for: graph, axes: axes ?? SampleAxes(finding: graph))
    if let targets = dataset.targets {
      guard targets.shape.rank > 0, targets.shape[0] >= samples.count else {
        throw EvaluationError.targets(
          data: dataset.name, expected: "one per sample (\(samples.count))", found: "\(targets.shape)")
      }
      self.targets = try targets.gathered(samples.order)
    } else {
      targets = nil
    }
    name = dataset.name
    task = dataset.targets == nil ? .fidelity : dataset.task
    isSynthetic = false
  }

  /// Seeded samples for a model without data; judged by fidelity to the original.
  package init(syntheticFor graph: Graph, axes: SampleAxes? = nil) throws {
    samples = try SampleInputs(
      syntheticFor: graph, axes: axes ?? SampleAxes(finding: graph), seed: 0x5EED, steps: EvaluationData.steps
    ) {
      SyntheticInputs.fitted(256, bytesPerSample: $0.bytesPerSample)
    }
    targets = nil
    name = EvaluationData.name(of: samples)
    task = .fidelity
    isSynthetic = true
  }

  /// The same, of made-up samples no more than answers of `bytesPerSample` bytes leave room for.
  func fitted(toAnswersOf bytesPerSample: Int, atLeast batch: Int) -> EvaluationData {
    guard isSynthetic else { return self }
    var data = self
    data.samples = samples.limited(
      to: max(batch, SyntheticInputs.fitted(count, bytesPerSample: bytesPerSample)))
    data.name = EvaluationData.name(of: data.samples)
    return data
  }

  /// Of each made-up sample of a model that hands states on.
  private static let steps = 8

  private static func name(of samples: SampleInputs) -> String {
    samples.steps == 1
      ? "\(samples.count) seeded random inputs"
      : "\(samples.count) seeded random sequences of \(samples.steps) steps"
  }
}

/// Data that activation ranges are found on. Never evaluation data.
package struct CalibrationData: Sendable {
  package let name: String
  let samples: SampleInputs

  /// Samples taken of larger data. What is found on them has as many unknowns as a layer has inputs squared: on
  /// glyphs-lenet, whose widest layer has 1024, activation-weighted SVD at half the rank keeps 84.7 % on 192 samples and
  /// 94.6 % on 360. More than this cost a large model minutes, in the background and once for each change of what runs
  /// before.
  package static let limit = 512

  package var count: Int { samples.count }

  /// Takes at most `limit` samples, in a fixed shuffle, so that sorted data is represented too.
  /// - Throws: `EvaluationError` where the split is `.evaluation` or the samples do not fit the graph's inputs.
  package init(_ dataset: Dataset, for graph: Graph, axes: SampleAxes? = nil) throws {
    guard dataset.split != .evaluation else {
      throw EvaluationError.wrongSplit(
        data: dataset.name, expected: "calibration", found: dataset.split.rawValue)
    }
    samples = try SampleInputs(
      dataset, for: graph, axes: axes ?? SampleAxes(finding: graph), limit: CalibrationData.limit)
    name = dataset.name
  }

  /// Seeded samples for a model without data, different from those it is evaluated on.
  package init(syntheticFor graph: Graph, axes: SampleAxes? = nil) throws {
    samples = try SampleInputs(syntheticFor: graph, axes: axes ?? SampleAxes(finding: graph), seed: 0xCA11B) {
      SyntheticInputs.fitted(128, bytesPerSample: $0.bytesPerSample)
    }
    name = "\(samples.count) seeded random inputs"
  }
}
