import GraphIR
import TensorCore

/// Puts QuantizeLinear -> DequantizeLinear in front of layers with quantized weights, so that their inputs are 8-bit.
///
/// Ranges are observed on calibration data with the graph as it is before any quantization, and kept as long as pruning
/// and rank stay the same. Layers that read the same value the same way share one pair.
struct ActivationQuantization: CompressionPass {
  let label = "activation quantization"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult()
    let chosen = context.layers.filter { isQuantizable($0, context, &result) }
    guard !chosen.isEmpty else { return result }
    let ranges = try Self.ranges(for: chosen, context)
    let nodes = Dictionary(
      context.graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var names = NameTable(context.graph)
    var pairs: [PairKey: String] = [:]
    for tracked in chosen {
      guard var node = nodes[tracked.layer.name], let range = ranges[tracked.layer.input] else { continue }
      let key = PairKey(value: tracked.layer.input, method: tracked.settings.calibration)
      var inserted: [Node] = []
      if pairs[key] == nil {
        let pair = Self.pair(for: key, range: range, names: &names)
        result.patch.weights.merge(pair.weights) { _, new in new }
        inserted = pair.nodes
        pairs[key] = pair.nodes[1].outputs[0]
      }
      node.inputs[0] = pairs[key] ?? key.value
      result.patch.replacements[node.name] = inserted + [node]
    }
    return result
  }

  private struct PairKey: Hashable {
    let value: String
    let method: QuantizationMethod.CalibrationMethod
  }

  private func isQuantizable(
    _ tracked: TrackedLayer, _ context: PassContext, _ result: inout PassResult
  ) -> Bool {
    guard tracked.settings.activations == .int8 else { return false }
    guard case .quantized = context.weight(of: tracked) else {
      result.remark(tracked, "8-bit activations need quantized weights: no effect")
      return false
    }
    guard context.activations != nil else {
      result.remark(
        tracked, "8-bit activations need calibration data: give some, until then they stay at 32 bits")
      return false
    }
    let producer = context.graph.nodes.first { $0.outputs.contains(tracked.layer.input) }
    return producer?.kind != "DequantizeLinear" && context.graph.initializers[tracked.layer.input] == nil
  }

  /// The ranges of what the layers read, kept or observed now together with what all other layers read.
  private static func ranges(
    for layers: [TrackedLayer], _ context: PassContext
  ) throws -> [String: ActivationRange] {
    let wantsPercentile = layers.contains { $0.settings.calibration == .percentile }
    let needed = Set(layers.map(\.layer.input))
    if let kept = context.caches.ranges[context.unquantized.states],
      needed.allSatisfy({ kept[$0] != nil && (!wantsPercentile || kept[$0]?.percentile != nil) })
    {
      return kept
    }
    try checkCancellation()
    let values = Set(context.layers.map(\.layer.input)).filter { context.graph.initializers[$0] == nil }
    var observers = Dictionary(
      uniqueKeysWithValues: values.map { ($0, RangeObserver(percentile: wantsPercentile)) })
    var seen: Set<String> = []
    try context.activations?.observe(values, of: context.unquantized.graph) { name, _, elements in
      guard !elements.isEmpty else { return }
      seen.insert(name)
      observers[name]?.observe(elements)
    }
    let ranges = observers.filter { seen.contains($0.key) }.compactMapValues(\.range)
    for name in needed.sorted() where ranges[name] == nil {
      throw seen.contains(name)
        ? CompressionError.nonFiniteActivation(value: name) : .unobservedActivation(value: name)
    }
    context.caches.ranges[context.unquantized.states] = ranges
    return ranges
  }

  private static func pair(
    for key: PairKey, range: ActivationRange, names: inout NameTable
  ) -> (nodes: [Node], weights: [String: Weight]) {
    let (scale, zeroPoint) = range.quantization(key.method)
    let scaleName = names.fresh("\(key.value)/int8/scale")
    let zeroName = names.fresh("\(key.value)/int8/zero-point")
    let codes = names.fresh("\(key.value)/int8")
    let quantize = Node(
      name: names.fresh("\(key.value)/QuantizeLinear"), kind: "QuantizeLinear",
      inputs: [key.value, scaleName, zeroName], outputs: [codes])
    let dequantize = Node(
      name: names.fresh("\(key.value)/DequantizeLinear"), kind: "DequantizeLinear",
      inputs: [codes, scaleName, zeroName], outputs: [names.fresh("\(key.value)/int8/dequantized")])
    return (
      [quantize, dequantize],
      [scaleName: .dense(Tensor(scalar: scale)), zeroName: .dense(Tensor(scalar: zeroPoint))]
    )
  }
}
