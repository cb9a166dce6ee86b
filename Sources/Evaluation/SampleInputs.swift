import GraphIR
import TensorCore

/// Samples of one kind that fit a model's inputs, which are taken up as they are run. Evaluation and calibration data are
/// different types, so that one can never stand in for the other.
struct SampleInputs: Sendable {
  let axes: SampleAxes
  private(set) var count: Int
  private let source: Source
  /// What is done to inputs before they are run, beside what was done when they were read.
  private var repair: InputRepair?
  /// Steps of each sample, which are run one after the other with the states handed on; 1 where there are none.
  private(set) var steps = 1
  private(set) var states = CarriedStates.none

  private enum Source: Sendable {
    /// The data as it was read, and the order in which its samples are seen.
    case data([String: Tensor], order: [Int])
    case seeded(SyntheticInputs)
  }

  /// - Parameters:
  ///   - limit: the most samples that are taken, in a fixed shuffle, so that sorted data is represented too.
  /// - Throws: `EvaluationError` where an input has no samples or does not fit.
  init(_ dataset: Dataset, for graph: Graph, axes: SampleAxes, limit: Int = .max) throws {
    var inputs: [String: Tensor] = [:]
    var counts: [Int] = []
    for input in graph.inputs {
      guard let tensor = dataset.inputs[input.name] else {
        throw EvaluationError.missingInput(name: input.name, found: dataset.inputs.keys.sorted())
      }
      let place = axes[input.name]
      guard SampleInputs.fits(tensor, input, place) else {
        throw EvaluationError.inputShape(
          name: input.name, expected: SampleInputs.text(input, place), found: tensor.shape)
      }
      if let samples = place.samples(in: tensor.shape) { counts.append(samples) }
      inputs[input.name] = tensor
    }
    let found = counts.min() ?? (inputs.isEmpty ? 0 : 1)
    guard found > 0 else { throw EvaluationError.noSamples(data: dataset.name) }
    let order = EvaluationOrder.permutation(count: found)
    source = .data(inputs, order: order.count > limit ? Array(order.prefix(limit)) : order)
    count = min(found, limit)
    self.axes = axes
  }

  /// Made-up samples.
  /// - Parameter steps: of each sample, where the model hands states on.
  init(
    syntheticFor graph: Graph, axes: SampleAxes, seed: UInt64, steps: Int = 1,
    count: (SyntheticInputs) -> Int
  ) throws {
    guard !graph.inputs.isEmpty else { throw EvaluationError.missingInput(name: "", found: []) }
    let made = try SyntheticInputs(for: graph, axes: axes, seed: seed)
    source = .seeded(made)
    self.axes = axes
    self.count = max(count(made), axes.fixedBatch(of: graph.inputs) ?? 1)
    states = CarriedStates(graph)
    self.steps = states.isEmpty ? 1 : steps
  }

  /// The first of them alone.
  func limited(to limit: Int) -> SampleInputs {
    var part = self
    part.count = min(count, limit)
    return part
  }

  /// The same with another preparation.
  func repaired(_ repair: InputRepair) -> SampleInputs {
    var part = self
    part.repair = repair
    return part
  }

  /// The order in which targets are seen beside the inputs.
  var order: [Int] {
    switch source {
    case .data(_, let order): order
    case .seeded: Array(0..<count)
    }
  }

  /// The first `batch` samples, or as many as the graph holds fixed, for a first run of a graph whose shapes only a run
  /// can tell.
  func first(_ batch: Int = 1, for graph: Graph) -> [String: Tensor] {
    (try? slice(0..<min(axes.fixedBatch(of: graph.inputs) ?? batch, count))) ?? [:]
  }

  /// Samples `range` as one run takes them.
  /// - Parameter step: of samples that have several; the states at the first are zeros.
  func slice(_ range: Range<Int>, step: Int = 0) throws -> [String: Tensor] {
    let taken = try taken(range, step: step)
    guard let repair else { return taken }
    return taken.mapValues(repair.applied)
  }

  private func taken(_ range: Range<Int>, step: Int) throws -> [String: Tensor] {
    switch source {
    case .data(let inputs, let order):
      var taken: [String: Tensor] = [:]
      for (name, tensor) in inputs { taken[name] = try axes[name].taking(Array(order[range]), of: tensor) }
      return taken
    case .seeded(let made):
      return try made.samples(range, step: step, of: steps, zeros: steps > 1 ? Set(states.outputs.keys) : [])
    }
  }

  private static func fits(_ tensor: Tensor, _ input: ValueInfo, _ place: SamplePlace) -> Bool {
    guard tensor.dataType == input.dataType else { return false }
    guard let wanted = input.sizes(place) else { return true }
    return wanted.count == tensor.shape.rank
      && zip(wanted, tensor.shape.dimensions).allSatisfy { wanted, size in wanted == nil || wanted == size }
  }

  private static func text(_ input: ValueInfo, _ place: SamplePlace) -> String {
    guard let sizes = input.sizes(place) else { return "\(input.dataType.rawValue) of any shape" }
    if sizes.isEmpty { return "one \(input.dataType.rawValue)" }
    return input.dataType.rawValue + "[" + input.sizeTexts(place).joined(separator: ", ") + "]"
  }
}
