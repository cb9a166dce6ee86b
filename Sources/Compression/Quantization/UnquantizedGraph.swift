import GraphIR

/// The graph after pruning and factorization, before any quantization: what calibration data run through.
struct UnquantizedGraph: Sendable {
  let graph: Graph
  /// What was done to each layer's weight: equal states mean equal activations.
  let states: [LayerState]
}
