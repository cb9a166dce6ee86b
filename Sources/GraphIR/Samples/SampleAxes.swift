/// Which axis of each input and output of a graph holds samples.
package struct SampleAxes: Sendable, Hashable {
  /// Of every input.
  package private(set) var inputs: [String: SamplePlace]
  /// Of the outputs that tell by their declared dimensions or by the operator that gives them.
  package private(set) var outputs: [String: SamplePlace]

  /// What a person says of the inputs where it cannot be found.
  package enum Request: Sendable, Hashable {
    /// No input has such an axis: a run takes one sample.
    case none
    /// The axis of every input that has so many.
    case all(Int)
    /// The axis of single inputs; nil for one that holds for all samples.
    case some([String: Int?])
  }

  /// Finds the axes from names that dimensions share, recurrent operators, and sizes.
  /// - Throws: `GraphError.sampleAxis` where an input that is named is not there, or has no such axis.
  package init(_ graph: Graph, request: Request? = nil) throws {
    self.init(finding: SampleAxisFinder(graph))
    guard let request else { return }
    for input in graph.inputs {
      if let place = try SampleAxes.place(of: input, request) { inputs[input.name] = place }
    }
    if case .some(let axes) = request, let odd = axes.keys.filter({ inputs[$0] == nil }).min() {
      throw GraphError.sampleAxis(input: odd, rank: nil, choices: graph.inputs.map(\.name))
    }
    // What was found of outputs followed from what was found of inputs.
    let name = graph.inputs.compactMap { SampleAxes.name(of: $0, self[$0.name]) }.first
    outputs = [:]
    for output in graph.outputs {
      if let axis = name.flatMap({ output.axis(named: $0) }) { outputs[output.name] = .axis(axis) }
    }
  }

  /// The same without anything asked for.
  package init(finding graph: Graph) { self.init(finding: SampleAxisFinder(graph)) }

  private init(finding finder: SampleAxisFinder) {
    inputs = finder.inputs
    outputs = finder.outputs
  }

  /// Of an input; the outermost axis where nothing is known of it.
  package subscript(input: String) -> SamplePlace { inputs[input] ?? .axis(0) }

  /// The inputs' places in words, in a fixed order: the same text where all of them are the same.
  package var text: String {
    inputs.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  /// Whether a run takes one sample, since no input has an axis for more.
  package var takesOneSample: Bool {
    !inputs.values.contains { if case .axis = $0 { true } else { false } }
  }

  /// A number for every dimension that `inputs` leave open: `batch` where samples lie, 1 elsewhere.
  package func dimensions(of inputs: [ValueInfo], batch: Int) -> [String: Int] {
    var numbers: [String: Int] = [:]
    for input in inputs {
      for (axis, dimension) in (input.dimensions ?? []).enumerated() {
        guard case .symbolic(let name) = dimension else { continue }
        let key = name.isEmpty ? "\(input.name).\(axis)" : name
        let isBatch = self[input.name] == .axis(axis)
        numbers[key] = isBatch ? batch : numbers[key] ?? 1
      }
    }
    return numbers
  }

  /// The samples of one run where the inputs fix their number; nil where they leave it open.
  package func fixedBatch(of inputs: [ValueInfo]) -> Int? {
    if takesOneSample { return 1 }
    for input in inputs {
      guard case .axis(let axis) = self[input.name], let dimensions = input.dimensions,
        dimensions.indices.contains(axis), case .fixed(let size) = dimensions[axis]
      else { continue }
      return size
    }
    return nil
  }

  private static func place(of input: ValueInfo, _ request: Request) throws -> SamplePlace? {
    let rank = input.dimensions?.count
    switch request {
    case .none: return rank == 0 ? .shared : .whole
    case .all(let axis):
      guard let rank else { return .axis(axis) }
      return axis < rank ? .axis(axis) : .shared
    case .some(let axes):
      guard let asked = axes[input.name] else { return nil }
      guard let axis = asked else { return .shared }
      guard axis < rank ?? .max else {
        throw GraphError.sampleAxis(input: input.name, rank: rank, choices: [])
      }
      return .axis(axis)
    }
  }

  private static func name(of input: ValueInfo, _ place: SamplePlace) -> String? {
    guard case .axis(let axis) = place, let dimensions = input.dimensions, dimensions.indices.contains(axis),
      case .symbolic(let name) = dimensions[axis], !name.isEmpty
    else { return nil }
    return name
  }
}

extension ValueInfo {
  /// The first axis whose dimension has this name.
  func axis(named name: String) -> Int? { dimensions?.firstIndex(of: .symbolic(name)) }
}
