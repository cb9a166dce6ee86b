import GraphIR
import Kernels
import Rewriting
import TensorCore

/// A weight layer with the nodes after it that its kernel does on the way out.
struct LayerGroup {
  let layer: WeightLayer
  /// Where the data comes from and how it is coded, if the layer reads bytes.
  var source: (name: String, scale: ByteScale)?
  /// The values that hold scale and zero point of the data's codes, where only a run can tell them; `source` is then
  /// right about the codes alone.
  var measured: (scale: String, zeroPoint: String)?
  /// Nodes it covers, the layer first; it runs at the place of the last.
  var nodes: [Int]
  /// The value it writes.
  var output: String
  /// Multiplies each output before the bias; nil for 1.
  var factors: [Float]?
  var bias: [Float]
  /// Added before the activation.
  var residual: String?
  var low = -Float.infinity
  var high = Float.infinity
  /// How the output is coded, if it is written as bytes.
  var target: ByteScale?

  var activation: FusedActivation {
    if low == -.infinity && high == .infinity { return .none }
    return low == 0 && high == .infinity ? .relu : .clip(low, high)
  }
}

/// Finds all weight layers of a graph and what can be fused into each.
struct LayerGroups {
  /// By the position of the last node.
  private(set) var anchored: [Int: LayerGroup] = [:]
  /// Nodes that belong to a group.
  private(set) var members: Set<Int> = []
  /// Values that DequantizeLinear nodes make only for integer layers.
  private var unreadFloats: Set<String> = []

  init(_ base: TypedGraph, fuses: Bool) {
    guard fuses else { return }
    let finder = LayerGroupFinder(base)
    for index in base.graph.nodes.indices where !members.contains(index) {
      guard let layer = WeightLayer(index, in: base) else { continue }
      let group = finder.group(of: layer, taken: members)
      guard let anchor = group.nodes.max() else { continue }
      anchored[anchor] = group
      members.formUnion(group.nodes)
    }
    let integerReads = Dictionary(
      anchored.values.filter { $0.source != nil }.map { ($0.layer.node, $0.layer.input) },
      uniquingKeysWith: { first, _ in first })
    for (name, readers) in finder.consumers where !base.pinned.contains(name) {
      guard let producer = finder.producers[name], base.graph.nodes[producer].kind == "DequantizeLinear",
        readers.allSatisfy({ integerReads[$0] == name })
      else { continue }
      unreadFloats.insert(name)
    }
  }

  /// Whether a node's only result is a float copy of codes that integer layers read themselves.
  func isOnlyReadByIntegerLayers(_ node: Node) -> Bool {
    guard node.kind == "DequantizeLinear", let output = node.outputs.first else { return false }
    return unreadFloats.contains(output)
  }
}

/// Grows groups along values that have one reader.
struct LayerGroupFinder {
  let base: TypedGraph
  let consumers: [String: [Int]]
  let producers: [String: Int]

  init(_ base: TypedGraph) {
    self.base = base
    consumers = base.graph.consumers
    producers = base.graph.producers
  }

  func group(of layer: WeightLayer, taken: Set<Int>) -> LayerGroup {
    let node = base.graph.nodes[layer.node]
    var group = LayerGroup(
      layer: layer, source: nil, nodes: [layer.node], output: node.outputs[0],
      factors: layer.factor == 1 ? nil : Array(repeating: layer.factor, count: layer.outputs),
      bias: layer.bias, residual: layer.addend)
    setSource(of: &group)
    while !base.pinned.contains(group.output), let readers = consumers[group.output], readers.count == 1,
      !taken.contains(readers[0]), absorb(readers[0], into: &group)
    {
      group.nodes.append(readers[0])
      group.output = base.graph.nodes[readers[0]].outputs[0]
      if group.target != nil { break }
    }
    return group
  }

  /// Finds the codes behind the layer's input, where integer kernels can take them.
  private func setSource(of group: inout LayerGroup) {
    let layer = group.layer
    guard let producer = producers[layer.input], case let node = base.graph.nodes[producer],
      node.kind == "DequantizeLinear", let codes = node.input(0), base.graph.initializers[codes] == nil,
      case .quantized(let weight)? = base.graph.initializers[layer.weight],
      weight.hasPlainScales,
      weight.axis == nil || weight.axis == layer.outputAxis || weight.scales.count == 1,
      layer.depth <= IntegerMatrix.maximumInputs
    else { return }
    if let quantizer = ActivationQuantizer(node, codes: .uint8, in: base) {
      group.source = (codes, quantizer.byteScale)
    } else if case .product = layer.form, node.inputs.count == 3, let quantize = producers[codes],
      base.graph.nodes[quantize].kind == "DynamicQuantizeLinear",
      base.graph.nodes[quantize].outputs == node.inputs
    {
      group.source = (codes, ByteScale(scale: 1, zeroPoint: 0))
      group.measured = (node.inputs[1], node.inputs[2])
    }
  }

  /// Takes node `index`, the only reader of the group's output, into the group if a kernel's epilogue can do it.
  private func absorb(_ index: Int, into group: inout LayerGroup) -> Bool {
    let node = base.graph.nodes[index]
    guard let output = node.outputs.first, node.outputs.filter({ !$0.isEmpty }).count == 1,
      let type = base.types[output]
    else { return false }
    switch node.kind {
    case "Relu":
      group.low = max(group.low, 0)
      group.high = max(group.high, 0)
      return true
    case "Clip": return absorbClip(node, into: &group)
    case "Add", "Sub", "Mul": return absorbArithmetic(node, type, into: &group)
    case "BatchNormalization": return absorbNormalization(node, into: &group)
    case "QuantizeLinear":
      guard group.source != nil, let quantizer = ActivationQuantizer(node, codes: .uint8, in: base),
        node.input(0) == group.output
      else { return false }
      group.target = quantizer.byteScale
      return true
    default: return false
    }
  }

  private func hasActivation(_ group: LayerGroup) -> Bool { group.activation != .none }

  private func absorbClip(_ node: Node, into group: inout LayerGroup) -> Bool {
    var bounds = (low: -Float.infinity, high: Float.infinity)
    if let low = node.float("min") { bounds.low = low }
    if let high = node.float("max") { bounds.high = high }
    if node.input(1) != nil {
      guard let low = base.scalar(node.input(1)) else { return false }
      bounds.low = low
    }
    if node.input(2) != nil {
      guard let high = base.scalar(node.input(2)) else { return false }
      bounds.high = high
    }
    guard bounds.low <= bounds.high else { return false }
    // Clip after clip: the later bounds limit the earlier ones.
    group.low = min(max(group.low, bounds.low), bounds.high)
    group.high = min(max(group.high, bounds.low), bounds.high)
    return true
  }

  private func channelAxis(_ group: LayerGroup, rank: Int) -> Int {
    if case .convolution = group.layer.form { 1 } else { rank - 1 }
  }

  private func absorbArithmetic(_ node: Node, _ type: TensorType, into group: inout LayerGroup) -> Bool {
    guard node.inputs.count == 2, let before = base.types[group.output], before == type,
      !hasActivation(group),
      node.inputs[0] != node.inputs[1]
    else { return false }
    let isFirst = node.inputs[0] == group.output
    let other = node.inputs[isFirst ? 1 : 0]
    let axis = channelAxis(group, rank: type.shape.rank)
    if let constant = base.constant(other) {
      guard
        let values = PerOutput.values(
          of: constant, outputs: group.layer.outputs, axis: axis, rank: type.shape.rank)
      else { return false }
      switch node.kind {
      case "Add": add(values, to: &group)
      case "Sub" where isFirst: add(values.map { -$0 }, to: &group)
      case "Mul" where group.residual == nil: multiply(values, into: &group)
      default: return false
      }
      return true
    }
    guard node.kind == "Add", group.residual == nil, base.types[other] == type, !group.layer.isDepthwise
    else {
      return false
    }
    group.residual = other
    return true
  }

  private func add(_ values: [Float], to group: inout LayerGroup) {
    group.bias = group.bias.isEmpty ? values : zip(group.bias, values).map { $0 + $1 }
  }

  private func multiply(_ values: [Float], into group: inout LayerGroup) {
    group.factors = group.factors.map { zip($0, values).map { $0 * $1 } } ?? values
    if !group.bias.isEmpty { group.bias = zip(group.bias, values).map { $0 * $1 } }
  }

  private func absorbNormalization(_ node: Node, into group: inout LayerGroup) -> Bool {
    guard !hasActivation(group), group.residual == nil, node.input(0) == group.output,
      case .convolution = group.layer.form,
      let normalization = ChannelNormalization(node, channels: group.layer.outputs, constant: base.constant)
    else { return false }
    multiply(normalization.factors, into: &group)
    add(normalization.offsets, to: &group)
    return true
  }
}
