import GraphIR
import Operators
import Rewriting

/// How each operator passes a gradient on to its inputs: by the rule of its kind, or by its derivative.
package enum GradientRules {
  static let all: [GradientRule] = [.matMul, .gemm, .reshape, .transpose, .expand, .imageScaler, .crop]

  static let stops: [GradientStop] = [
    GradientStop("its output is a shape", ["Shape", "Size"]),
    GradientStop(
      "no rule yet for convolutions and pools",
      ["Conv", "ConvTranspose", "DeformConv", "MaxUnpool", "RoiAlign", "MaxRoiPool", "Col2Im"]),
    GradientStop(
      "no rule yet for normalizations over channels",
      ["BatchNormalization", "InstanceNormalization", "GroupNormalization"]),
    GradientStop(
      "no rule yet for attention and recurrence",
      [
        "Attention", .runtime("MultiHeadAttention"), "LinearAttention", "CausalConvWithState", "LSTM", "GRU",
        "RNN", "RotaryEmbedding", .runtime("RotaryEmbedding"),
      ]),
    GradientStop(
      "no rule yet for what moves or picks elements",
      [
        "Concat", "Split", "Slice", "Gather", "GatherElements", "GatherND", "Scatter", "ScatterElements",
        "ScatterND", "TensorScatter", "TopK", "Tile", "Pad", "CenterCropPad", "DepthToSpace", "SpaceToDepth",
        "Trilu", "ReverseSequence", .runtime("Pad"), .runtime("Trilu"), .runtime("ExpandDims"),
      ]),
    GradientStop(
      "no rule yet for interpolation",
      ["Resize", "Upsample", "GridSample", "AffineGrid", .runtime("GridSample")]),
    GradientStop("no rule yet", ["Einsum", "Det", "DFT", "STFT"]),
    GradientStop("no rule yet for losses", ["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"]),
  ]

  private static let table = Dictionary(
    all.flatMap { rule in rule.kinds.map { ($0, rule) } }, uniquingKeysWith: { first, _ in first })
  private static let stopped = Dictionary(
    stops.flatMap { stop in stop.kinds.map { ($0, stop.reason) } }, uniquingKeysWith: { first, _ in first })

  /// The gradient of a node's input at a place; nil where it has none.
  static func gradient(
    of node: Node, at place: Int, from upstream: String, _ builder: inout GraphBuilder
  ) throws -> String? {
    if let rule = table[node.kind] { return try rule.write(&builder, node, place, upstream) }
    let site = try builder.site(of: node)
    switch try builder.registry.find(node, opset: site.opset).traits(of: node.kind).form {
    case .pointwise(let form):
      guard form.reads(place), form.holds(at: site) else { return nil }
      return try builder.gradient(of: node, at: place, from: upstream, form.derivative)
    case .rowwise(let form):
      return try builder.gradient(of: node, at: place, from: upstream, form.derivative, rows: form)
    case .structured, .opaque: return nil
    }
  }

  /// Kinds with a rule of their own or a reason to have none.
  package static var named: [OperatorKind] { all.flatMap(\.kinds) + stops.flatMap(\.kinds) }

  /// Whether it is said what happens to a gradient at an operator with such traits.
  package static func isAnswered(_ kind: OperatorKind, _ traits: OperatorTraits) -> Bool {
    switch traits.form {
    case .pointwise, .rowwise, .opaque: true
    case .structured: table[kind] != nil || stopped[kind] != nil
    }
  }

  /// Why an operator of the product has no gradient; nil where it has one, at least for some inputs.
  static func reason(against kind: OperatorKind) -> String? {
    let node = Node(name: "", kind: kind, inputs: [], outputs: [])
    guard table[kind] == nil, let member = try? OperatorRegistry.standard.find(node, opset: 1) else {
      return nil
    }
    let derivative: Derivative
    switch member.traits(of: kind).form {
    case .pointwise(let form): derivative = form.derivative
    case .rowwise(let form): derivative = form.derivative
    case .opaque(let reason): return reason
    case .structured: return stopped[kind]
    }
    if case .declined(let reason) = derivative { return reason }
    return nil
  }
}
