import GraphIR
import Operators
import Rewriting
import TensorCore

/// Puts QuantizeLinear -> DequantizeLinear in front of layers with quantized weights, so that their inputs are 8- or 4-bit.
///
/// Ranges are observed on calibration data with the graph as it is before any quantization, and kept as long as pruning
/// and rank stay the same. Layers that read the same value the same way share one pair. 4-bit codes are bytes of at most 15:
/// a Clip in front of the pair sees to that.
struct ActivationQuantization: CompressionPass {
  let label = "activation quantization"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult(context)
    let chosen = context.layers.filter { isQuantizable($0, context, &result) }
    guard !chosen.isEmpty else { return result }
    let ranges = try Self.ranges(for: chosen, context)
    let nodes = Dictionary(
      context.graph.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var pairs: [PairKey: String] = [:]
    for tracked in chosen {
      guard var node = nodes[tracked.layer.name], let range = ranges[tracked.layer.input] else { continue }
      let key = PairKey(
        value: tracked.layer.input, method: tracked.settings.range,
        highest: tracked.settings.activationBits.highestCode ?? 255)
      var inserted: [Node] = []
      if pairs[key] == nil {
        inserted = Self.pair(for: key, range: range, &result.builder)
        pairs[key] = inserted.last?.outputs[0]
      }
      node.inputs[0] = pairs[key] ?? key.value
      result.builder.replace(node.name, with: inserted + [node])
    }
    return result
  }

  private struct PairKey: Hashable {
    let value: String
    let method: RangeMethod
    let highest: UInt8
  }

  private func isQuantizable(
    _ tracked: TrackedLayer, _ context: PassContext, _ result: inout PassResult
  ) -> Bool {
    guard tracked.settings.activationBits != .float32 else { return false }
    let bits = tracked.settings.activationBits.label
    guard case .quantized = context.weight(of: tracked) else {
      result.remark(tracked, "\(bits)-bit activations need quantized weights: no effect")
      return false
    }
    guard context.activations != nil else {
      result.remark(
        tracked, "\(bits)-bit activations need calibration data: give some, until then they stay at 32 bits")
      return false
    }
    if let kind = Self.coded(tracked.layer.input, in: context.graph) {
      result.remark(tracked, "it reads \(kind) already: its activations stay as they are")
      return false
    }
    return context.graph.initializers[tracked.layer.input] == nil
  }

  /// What codes a value was made of, where nothing in between makes others of them: a second rounding would lose more.
  private static func coded(_ value: String, in graph: Graph) -> String? {
    let producers = graph.producers
    var value = value
    // A chain is as long as the graph at most.
    while let node = producers[value].map({ graph.nodes[$0] }), let input = node.input(0) {
      if node.kind == "DequantizeLinear" {
        let isMeasured = producers[input].map { graph.nodes[$0].kind == "DynamicQuantizeLinear" } ?? false
        let type = node.input(2).flatMap { graph.initializers[$0]?.dataType }
        return switch type {
        case .int4, .uint4: "4-bit codes"
        case .int2, .uint2: "2-bit codes"
        case .int16, .uint16: "16-bit codes"
        case .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz: "8-bit floats"
        default: isMeasured ? "8-bit codes, their range measured in each run," : "8-bit codes"
        }
      }
      guard OperatorRegistry.standard.picks(node) else { return nil }
      value = input
    }
    return nil
  }

  /// Samples that ranges are found on: they settle sooner than second moments do, and a knob that is turned waits for
  /// them.
  private static let samples = 192

  /// The ranges of what the layers read, kept or observed now together with what all other layers read.
  private static func ranges(
    for layers: [TrackedLayer], _ context: PassContext
  ) throws -> [String: ActivationRange] {
    let wantsBins = layers.contains { $0.settings.range.clips }
    let needed = Set(layers.map(\.layer.input))
    if let kept = context.caches.ranges[context.unquantized.states],
      needed.allSatisfy({ kept[$0].map { !wantsBins || !$0.bins.isEmpty || $0.low == $0.high } ?? false })
    {
      return kept
    }
    try Task.checkCancellation()
    // Tables read indices, which have no range.
    let reading = context.layers.filter { $0.layer.form != .gather }
    let values = Set(reading.map(\.layer.input)).filter { context.graph.initializers[$0] == nil }
    var observers = Dictionary(
      uniqueKeysWithValues: values.map { ($0, RangeObserver(bins: wantsBins)) })
    var seen: Set<String> = []
    try context.activations?.observe(values, of: context.unquantized.graph, samples: samples) {
      name, _, elements in
      guard !elements.isEmpty else { return }
      seen.insert(name)
      observers[name]?.observe(elements)
    }
    let ranges = observers.filter { seen.contains($0.key) }.compactMapValues(\.range)
    for name in needed.sorted() where ranges[name] == nil {
      throw seen.contains(name)
        ? CompressionError.nonFinite(name, in: context) : .unobservedActivation(value: name)
    }
    context.caches.ranges[context.unquantized.states] = ranges
    return ranges
  }

  private static func pair(
    for key: PairKey, range: ActivationRange, _ builder: inout GraphBuilder
  ) -> [Node] {
    let grid = key.method.activations(range, key.highest)
    let (scale, zeroPoint) = (grid.scale, grid.zeroPoint)
    let name = "\(key.value)/int\(key.highest == 255 ? 8 : 4)"
    let scaleName = builder.add(scale, "\(name)/scale")
    let zeroName = builder.add(Tensor(scalar: zeroPoint), "\(name)/zero-point")
    var nodes: [Node] = []
    var source = key.value
    if key.highest < 255 {
      let low = -scale * Float(zeroPoint)
      let high = scale * Float(key.highest - zeroPoint)
      var clip = Node(
        name: builder.fresh("\(name)/Clip"), kind: "Clip", inputs: [source],
        outputs: [builder.fresh("\(name)/clipped")])
      if builder.graph.opset < 11 {
        clip.attributes = ["min": .float(low), "max": .float(high)]
      } else {
        clip.inputs += [builder.add(low, "\(name)/low"), builder.add(high, "\(name)/high")]
      }
      nodes.append(clip)
      source = clip.outputs[0]
    }
    let codes = builder.fresh(name)
    nodes.append(
      Node(
        name: builder.fresh("\(key.value)/QuantizeLinear"), kind: "QuantizeLinear",
        inputs: [source, scaleName, zeroName], outputs: [codes]))
    nodes.append(
      Node(
        name: builder.fresh("\(key.value)/DequantizeLinear"), kind: "DequantizeLinear",
        inputs: [codes, scaleName, zeroName], outputs: [builder.fresh("\(name)/dequantized")]))
    return nodes
  }
}
