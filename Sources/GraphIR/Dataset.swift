import TensorCore

/// What a model is asked to do, which decides how its outputs are scored.
package enum ModelTask: Sendable, Hashable {
  /// Arg-max of the logits against one label per sample.
  case classification(classes: [String])
  /// Arg-max at positions `start..<start + length` of logits [N, T, vocabulary], all of which must equal the targets [N, length].
  case sequence(answerStart: Int, answerLength: Int)
  /// Mean squared error against targets shaped as the output.
  case regression
  /// No labels: agreement with the original model's own outputs on the same inputs.
  case fidelity
}

/// Samples, and labels where they exist, of one split. Calibration and evaluation data are separate values and never mixed.
package struct Dataset: Sendable {
  package enum Split: String, Sendable, Hashable, Codable { case train, calibration, evaluation }

  /// Short name for the header and reports, such as "glyphs 5 000".
  package var name: String
  package var split: Split
  package var task: ModelTask
  /// One tensor per model input, already preprocessed; samples along the outermost axis. Scalars hold for all samples.
  package var inputs: [String: Tensor]
  /// Integer labels or float targets; nil for fidelity.
  package var targets: Tensor?

  package init(name: String, split: Split, task: ModelTask, inputs: [String: Tensor], targets: Tensor?) {
    self.name = name
    self.split = split
    self.task = task
    self.inputs = inputs
    self.targets = targets
  }

  /// Number of samples: the smallest outermost dimension of the inputs; 1 where all of them are scalars.
  package var count: Int {
    inputs.values.compactMap(\.shape.dimensions.first).min() ?? (inputs.isEmpty ? 0 : 1)
  }
}
