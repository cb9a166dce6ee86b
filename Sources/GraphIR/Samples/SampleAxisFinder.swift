/// Finds which axis of each input and output of a graph holds samples.
///
/// In this order: a dimension whose name says so (`batch`, `N`); what recurrent operators read, whose second axis it is
/// (ONNX's LSTM, GRU and RNN, layout 0); an outermost dimension that is open and does not sound like a length; in a graph
/// without open dimensions, the size that inputs and outputs have in common. Where no output has that size there is no
/// such axis: a run takes one sample.
struct SampleAxisFinder {
  private(set) var inputs: [String: SamplePlace] = [:]
  private(set) var outputs: [String: SamplePlace] = [:]

  init(_ graph: Graph) {
    let recurrent = RecurrentAxes(graph)
    let name = SampleAxisFinder.batchName(graph, recurrent)
    var fixed: [ValueInfo] = []
    for input in graph.inputs {
      guard let dimensions = input.dimensions else {
        inputs[input.name] = .axis(0)
        continue
      }
      if dimensions.isEmpty {
        inputs[input.name] = .shared
      } else if let axis = name.flatMap({ input.axis(named: $0) }) ?? recurrent.inputs[input.name],
        axis < dimensions.count
      {
        inputs[input.name] = .axis(axis)
      } else if let place = SampleAxisFinder.open(dimensions) {
        inputs[input.name] = place
      } else {
        fixed.append(input)
      }
    }
    place(fixed, graph)
    for output in graph.outputs {
      let axis = name.flatMap { output.axis(named: $0) } ?? recurrent.outputs[output.name]
      if let axis { outputs[output.name] = .axis(axis) }
    }
  }

  /// The name that dimensions of samples have; nil where they have none.
  private static func batchName(_ graph: Graph, _ recurrent: RecurrentAxes) -> String? {
    let names = graph.inputs.flatMap { input in
      (input.dimensions ?? []).compactMap { dimension in
        if case .symbolic(let name) = dimension, !name.isEmpty { name } else { nil }
      }
    }
    if let telling = names.first(where: { $0.lowercased().contains("batch") })
      ?? names.first(where: { ["n", "b", "bs"].contains($0.lowercased()) })
    {
      return telling
    }
    for input in graph.inputs {
      let axis = recurrent.inputs[input.name] ?? 0
      guard let dimensions = input.dimensions, dimensions.indices.contains(axis),
        case .symbolic(let name) = dimensions[axis], !name.isEmpty, !isLength(name)
      else { continue }
      return name
    }
    return nil
  }

  /// Of an input with an open dimension, whose names say nothing of samples; nil where none is open that could be theirs.
  private static func open(_ dimensions: [Dimension]) -> SamplePlace? {
    if case .symbolic(let name) = dimensions[0] {
      guard isLength(name) else { return .axis(0) }
      // A length first: [T, 1, features] as recurrent networks have it, else one sequence a run.
      return dimensions.count > 2 && dimensions[1] == .fixed(1) ? .axis(1) : .whole
    }
    // A state of several layers: [2, ?, features].
    if case .fixed(let size) = dimensions[0], size > 1, dimensions.count > 2,
      case .symbolic(let name) = dimensions[1], !isLength(name)
    {
      return .axis(1)
    }
    return nil
  }

  /// Inputs whose every candidate has a fixed size.
  private mutating func place(_ fixed: [ValueInfo], _ graph: Graph) {
    guard let first = fixed.first.flatMap(SampleAxisFinder.leading) else { return }
    let isOpen = inputs.values.contains { if case .axis = $0 { true } else { false } }
    let batch = isOpen ? 1 : first
    if !isOpen, !SampleAxisFinder.countsSamples(batch, fixed, graph.outputs) {
      for input in fixed { inputs[input.name] = .whole }
      return
    }
    for input in fixed {
      let sizes = (input.dimensions ?? []).prefix(2)
      if sizes.first == .fixed(batch) {
        inputs[input.name] = .axis(0)
      } else if !isOpen, sizes.dropFirst().first == .fixed(batch), (input.dimensions?.count ?? 0) > 2 {
        inputs[input.name] = .axis(1)
      } else {
        inputs[input.name] = .shared
      }
    }
  }

  /// Whether outermost axes of size `batch` count samples: a single one does, more where an output has as many.
  private static func countsSamples(_ batch: Int, _ inputs: [ValueInfo], _ outputs: [ValueInfo]) -> Bool {
    if batch == 1 { return true }
    let sizes = outputs.map(\.dimensions)
    // Undeclared outputs contradict nothing.
    if sizes.contains(where: { $0 == nil }) { return true }
    let isVector = inputs.allSatisfy { $0.dimensions?.count == 1 }
    return sizes.contains { ($0?.count ?? 0) > (isVector ? 1 : 0) && $0?.first == .fixed(batch) }
      || sizes.contains { if case .symbolic? = $0?.first { true } else { false } }
  }

  private static func leading(_ input: ValueInfo) -> Int? {
    if case .fixed(let size)? = input.dimensions?.first { size } else { nil }
  }

  /// Whether a dimension's name speaks of a length rather than of samples.
  private static func isLength(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["seq", "time", "len", "frame", "token", "step"].contains { name.contains($0) }
      || ["t", "l", "s"].contains(name)
  }
}
