import GraphIR

extension PassContext {
  /// Statistics of what layers read on the calibration data, by layer name.
  ///
  /// The data run through the graph before any quantization and, for a shaping pass, before that pass. What was found
  /// is kept as long as the steps before stay the same, so that turning a later knob runs nothing.
  /// - Returns: nothing where there are no calibration data, or where a layer reads a constant.
  /// - Throws: `CompressionError.nonFiniteActivation` or `.unobservedActivation`, or what the run throws.
  func inputStatistics(
    for layers: [TrackedLayer], needs: LayerInputNeeds
  ) throws -> [String: LayerInputStatistics] {
    guard let activations else { return [:] }
    let graph = unquantized.graph
    let nodes = Dictionary(graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var sources: [String: LayerInputRows] = [:]
    for tracked in layers where graph.initializers[tracked.layer.input] == nil {
      // Indices are no values that anything could be learned from.
      guard tracked.layer.form != .gather, let node = nodes[tracked.layer.name] else { continue }
      sources[tracked.layer.name] = LayerInputRows(tracked.layer, node: node)
    }
    var found: [LayerInputRows: LayerInputStatistics] = [:]
    var missing: [LayerInputRows: LayerInputAccumulator] = [:]
    for source in Set(sources.values) {
      if let kept = kept(source, needs) {
        found[source] = kept
      } else {
        missing[source] = LayerInputAccumulator(source, needs: needs)
      }
    }
    if !missing.isEmpty {
      try Task.checkCancellation()
      let readers = Dictionary(grouping: missing.keys, by: \.input)
      try activations.observe(Set(readers.keys), of: graph) { name, shape, elements in
        for source in readers[name] ?? [] { missing[source]?.add(elements, shape: shape) }
      }
      for (source, accumulator) in missing {
        guard accumulator.isFinite else { throw CompressionError.nonFinite(source.input, in: self) }
        let statistics = accumulator.statistics
        guard statistics.rows > 0 else { throw CompressionError.unobservedActivation(value: source.input) }
        caches.inputs[LayerInputKey(states: unquantized.states, source: source, needs: needs)] = statistics
        found[source] = statistics
      }
    }
    return sources.compactMapValues { found[$0] }
  }

  /// Statistics kept for the same or greater needs.
  private func kept(_ source: LayerInputRows, _ needs: LayerInputNeeds) -> LayerInputStatistics? {
    for wider in [needs, needs.union(.gram), needs.union(.samples), [.gram, .samples]] {
      let key = LayerInputKey(states: unquantized.states, source: source, needs: wider)
      if let kept = caches.inputs[key] { return kept }
    }
    return nil
  }
}

/// What statistics depend on.
struct LayerInputKey: Hashable, Sendable {
  /// Everything done before, as far as it changes values.
  let states: [LayerState]
  let source: LayerInputRows
  let needs: LayerInputNeeds
}
