import GraphIR

/// What happens to channels at each operator kind. A kind without a rule stops the removal of what feeds it.
enum ChannelRules {
  typealias Rule = @Sendable (Node, inout ChannelAnalyzer) -> Void

  static let table: [OperatorKind: Rule] = {
    var table: [OperatorKind: Rule] = [
      "Conv": LayerChannels.conv, "Gemm": LayerChannels.gemm, "MatMul": LayerChannels.matMul,
      "BatchNormalization": NormalizationChannels.batch,
      "InstanceNormalization": NormalizationChannels.instance,
      "GroupNormalization": NormalizationChannels.group, "LayerNormalization": NormalizationChannels.layer,
      "Softmax": ShapeChannels.along, "LogSoftmax": ShapeChannels.along,
      "Flatten": ShapeChannels.reshape, "Reshape": ShapeChannels.reshape, "Squeeze": ShapeChannels.reshape,
      "Unsqueeze": ShapeChannels.reshape, "Transpose": ShapeChannels.transpose,
      "Concat": ShapeChannels.concat, "Split": PartChannels.split, "Gather": PartChannels.gather,
      "Slice": PartChannels.slice, "Attention": AttentionChannels.attention,
      OperatorKind("MultiHeadAttention", domain: "com.microsoft"): AttentionChannels.multiHead,
      "LSTM": RecurrentChannels.units(gates: 4, states: [5, 6]),
      "GRU": RecurrentChannels.units(gates: 3, states: [5]),
      "RNN": RecurrentChannels.units(gates: 1, states: [5]),
      "Shape": ignored, "Size": ignored, "QuantizeLinear": codes, "DequantizeLinear": codes,
    ]
    for kind in pointwise { table[OperatorKind(kind)] = elementwise }
    for kind in pools { table[OperatorKind(kind)] = pool }
    for kind in reductions { table[OperatorKind(kind)] = ShapeChannels.reduction }
    table[OperatorKind("Gelu", domain: "com.microsoft")] = elementwise
    table[OperatorKind("FastGelu", domain: "com.microsoft")] = elementwise
    table[OperatorKind("QuickGelu", domain: "com.microsoft")] = elementwise
    return table
  }()

  /// Every element of the output depends on the elements at the same place of the inputs, which broadcast.
  private static let pointwise = [
    "Relu", "LeakyRelu", "PRelu", "Sigmoid", "Tanh", "Elu", "Selu", "Celu", "HardSigmoid", "HardSwish",
    "Clip", "Gelu",
    "Mish", "Softplus", "Softsign", "ThresholdedRelu", "Erf", "Exp", "Log", "Sqrt", "Abs", "Neg",
    "Reciprocal",
    "Identity", "Dropout", "Cast", "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean",
    "Where",
  ]
  private static let pools = [
    "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool",
  ]
  private static let reductions = [
    "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare",
  ]

  static let unknown: Rule = { node, analyzer in
    for input in node.inputs {
      analyzer.freeze(input, "feeds a \(node.kind); its channels cannot be removed alone")
    }
  }

  /// Reads only the shape, which follows by itself.
  private static let ignored: Rule = { _, _ in }

  private static let pool: Rule = { node, analyzer in
    guard let input = node.input(0), let axis = analyzer[input], let output = node.outputs.first else {
      return
    }
    // Windows slide over the axes behind the second.
    guard axis.axis == 1, node.outputs.count == 1 else { return unknown(node, &analyzer) }
    analyzer.set(axis, of: output)
  }

  /// Inputs aligned at their last axes, channels at the same place united, constants along the channels shrunk.
  private static let elementwise: Rule = { node, analyzer in
    guard let output = node.outputs.first, let shape = analyzer.shape(output) else {
      return unknown(node, &analyzer)
    }
    var through: ChannelAnalysis.Axis?
    for input in node.inputs where !input.isEmpty {
      guard var axis = analyzer[input], let rank = analyzer.shape(input)?.rank else { continue }
      axis.axis += shape.rank - rank
      guard shape.dimensions.indices.contains(axis.axis),
        analyzer.result.count(axis.segments) == shape[axis.axis]
      else {
        analyzer.freeze(input, "feeds \(node.name), which repeats it along its channels")
        continue
      }
      if let first = through {
        if first.axis != axis.axis || !analyzer.result.unite(first.segments, axis.segments) {
          return freezeAll(node, "is combined by \(node.name) with channels that do not match", &analyzer)
        }
      } else {
        through = axis
      }
    }
    guard let through else { return }
    for input in node.inputs where !input.isEmpty && analyzer[input] == nil {
      guard let other = analyzer.shape(input) else { continue }
      let place = through.axis - (shape.rank - other.rank)
      guard other.dimensions.indices.contains(place), other[place] > 1 else { continue }
      if analyzer.graph.initializers[input] != nil {
        analyzer.slice(input, of: node, axis: place, through.segments)
      } else {
        freezeAll(node, "is combined by \(node.name) with a value that no layer makes", &analyzer)
      }
    }
    analyzer.set(through, of: output)
    // Dropout's mask and the like are not followed.
    for extra in node.outputs.dropFirst() where !extra.isEmpty { analyzer.set(through, of: extra) }
  }

  /// With one scale for all; scales per channel are not followed.
  private static let codes: Rule = { node, analyzer in
    let single = node.input(1).flatMap { analyzer.shape($0)?.count } == 1
    single ? elementwise(node, &analyzer) : unknown(node, &analyzer)
  }

  static func freezeAll(_ node: Node, _ obstacle: String, _ analyzer: inout ChannelAnalyzer) {
    for input in node.inputs { analyzer.freeze(input, obstacle) }
  }
}
