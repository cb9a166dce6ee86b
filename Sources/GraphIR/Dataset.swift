import TensorCore

/// What a model is asked to do, which decides how its outputs are scored.
package enum ModelTask: Sendable, Hashable {
  /// Arg-max of the logits against one label per sample.
  case classification(classes: [String])
  /// Arg-max at positions `start..<start + length` of logits [N, T, vocabulary], all of which must equal the targets [N, length].
  case sequence(answerStart: Int, answerLength: Int)
  /// A yes or no for each of several labels of a sample: outputs [N, labels] against targets of 0 and 1 of the same shape.
  case multiLabel
  /// Arg-max at every position or pixel against labels [N, ...]; those below 0 do not count.
  case positions
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
  /// One tensor per model input, already preprocessed.
  package var inputs: [String: Tensor]
  /// Where each input has its samples: along the outermost axis where nothing is said. Scalars hold for all samples.
  package var places: [String: SamplePlace]
  /// Integer labels or float targets; nil for fidelity.
  package var targets: Tensor?
  /// Whether the file has labels as whole numbers, and whether it has them with a column for each class.
  package var hasWholeLabels = false
  package var isFromOneHot = false

  package init(
    name: String, split: Split, task: ModelTask, inputs: [String: Tensor], targets: Tensor?,
    places: [String: SamplePlace] = [:]
  ) {
    self.name = name
    self.split = split
    self.task = task
    self.inputs = inputs
    self.targets = targets
    self.places = places
  }

  /// Where an input has its samples.
  package func place(of input: String) -> SamplePlace {
    if inputs[input]?.shape.rank == 0 { return .shared }
    return places[input] ?? .axis(0)
  }

  /// Number of samples: the least that an input has; 1 where all of them hold for all samples.
  package var count: Int {
    inputs.compactMap { place(of: $0.key).samples(in: $0.value.shape) }.min() ?? (inputs.isEmpty ? 0 : 1)
  }

  /// Samples `rows` with their targets, copied.
  /// - Throws: `TensorError.invalidShape` where there are no such samples.
  package func selecting(_ rows: [Int], split: Split) throws -> Dataset {
    var part = self
    part.split = split
    for (name, tensor) in inputs { part.inputs[name] = try place(of: name).selecting(rows, of: tensor) }
    part.targets = try targets?.gathered(rows)
    return part
  }
}
