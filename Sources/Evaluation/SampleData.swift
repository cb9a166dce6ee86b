import GraphIR
import TensorCore

/// Samples of one kind that fit a model's inputs; a scalar input has one value for all of them. Evaluation and calibration data are different types, so that one can
/// never stand in for the other.
struct SampleInputs: Sendable {
  let inputs: [String: Tensor]
  let count: Int

  /// - Throws: `EvaluationError` where an input has no samples or does not fit.
  init(_ dataset: Dataset, for graph: Graph) throws {
    var inputs: [String: Tensor] = [:]
    for input in graph.inputs {
      guard let tensor = dataset.inputs[input.name] else {
        throw EvaluationError.missingInput(name: input.name, found: dataset.inputs.keys.sorted())
      }
      guard SampleInputs.fits(tensor, input) else {
        throw EvaluationError.inputShape(
          name: input.name, expected: SampleInputs.text(input), found: tensor.shape)
      }
      inputs[input.name] = tensor
    }
    count = inputs.values.compactMap(\.shape.dimensions.first).min() ?? (inputs.isEmpty ? 0 : 1)
    guard count > 0 else { throw EvaluationError.noSamples(data: dataset.name) }
    self.inputs = inputs
  }

  /// Made-up samples.
  init(syntheticFor graph: Graph, samples: Int, seed: UInt64) throws {
    inputs = try SyntheticInputs.make(for: graph, samples: samples, seed: seed)
    guard !inputs.isEmpty else { throw EvaluationError.missingInput(name: "", found: []) }
    count = samples
  }

  private init(inputs: [String: Tensor], count: Int) {
    self.inputs = inputs
    self.count = count
  }

  func gathered(_ rows: [Int]) throws -> SampleInputs {
    SampleInputs(inputs: try inputs.mapValues { try $0.gathered(rows) }, count: rows.count)
  }

  /// The first `batch` samples, or as many as the graph holds fixed, for a first run of a graph whose shapes only a run
  /// can tell.
  func first(_ batch: Int = 1, for graph: Graph) -> [String: Tensor] {
    var count = batch
    if case .fixed(let size)? = graph.inputs.lazy.compactMap({ $0.dimensions?.first }).first { count = size }
    return (try? slice(0..<min(count, self.count))) ?? [:]
  }

  func slice(_ range: Range<Int>) throws -> [String: Tensor] {
    try inputs.mapValues { $0.shape.rank == 0 ? $0 : try $0.slice(range) }
  }

  private static func fits(_ tensor: Tensor, _ input: ValueInfo) -> Bool {
    guard tensor.dataType == input.dataType else { return false }
    guard let dimensions = input.dimensions else { return true }
    return dimensions.count == tensor.shape.rank
      && zip(dimensions, tensor.shape.dimensions).dropFirst().allSatisfy { dimension, size in
        if case .fixed(let expected) = dimension { expected == size } else { true }
      }
  }

  private static func text(_ input: ValueInfo) -> String {
    guard let dimensions = input.dimensions else { return "\(input.dataType.rawValue) of any shape" }
    if dimensions.isEmpty { return "one \(input.dataType.rawValue)" }
    let sizes = dimensions.dropFirst().map { dimension in
      switch dimension {
      case .fixed(let size): "\(size)"
      case .symbolic(let name): name.isEmpty ? "?" : name
      }
    }
    return input.dataType.rawValue + "[" + (["N"] + sizes).joined(separator: ", ") + "]"
  }
}

/// Data that accuracy is measured on, in the fixed order in which it is seen.
package struct EvaluationData: Sendable {
  package let name: String
  package let task: ModelTask
  /// Whether the samples are made up because there is no data.
  package let isSynthetic: Bool
  let samples: SampleInputs
  let targets: Tensor?

  package var count: Int { samples.count }

  /// - Throws: `EvaluationError` where the split is not `.evaluation` or the samples do not fit the graph's inputs.
  package init(_ dataset: Dataset, for graph: Graph) throws {
    guard dataset.split == .evaluation else {
      throw EvaluationError.wrongSplit(
        data: dataset.name, expected: "evaluation", found: dataset.split.rawValue)
    }
    let found = try SampleInputs(dataset, for: graph)
    let order = EvaluationOrder.permutation(count: found.count)
    samples = try found.gathered(order)
    if let targets = dataset.targets {
      guard targets.shape.rank > 0, targets.shape[0] >= found.count else {
        throw EvaluationError.targets(
          data: dataset.name, expected: "one per sample (\(found.count))", found: "\(targets.shape)")
      }
      self.targets = try targets.gathered(order)
    } else {
      targets = nil
    }
    name = dataset.name
    task = dataset.targets == nil ? .fidelity : dataset.task
    isSynthetic = false
  }

  /// Seeded samples for a model without data; judged by fidelity to the original.
  package init(syntheticFor graph: Graph, samples count: Int = 256) throws {
    samples = try SampleInputs(syntheticFor: graph, samples: count, seed: 0x5EED)
    targets = nil
    name = "\(count) seeded random inputs"
    task = .fidelity
    isSynthetic = true
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
  package init(_ dataset: Dataset, for graph: Graph) throws {
    guard dataset.split != .evaluation else {
      throw EvaluationError.wrongSplit(
        data: dataset.name, expected: "calibration", found: dataset.split.rawValue)
    }
    let found = try SampleInputs(dataset, for: graph)
    let order = EvaluationOrder.permutation(count: found.count)
    samples = try found.gathered(Array(order.prefix(CalibrationData.limit)))
    name = dataset.name
  }

  /// Seeded samples for a model without data, different from those it is evaluated on.
  package init(syntheticFor graph: Graph, samples count: Int = 128) throws {
    samples = try SampleInputs(syntheticFor: graph, samples: count, seed: 0xCA11B)
    name = "\(count) seeded random inputs"
  }
}
