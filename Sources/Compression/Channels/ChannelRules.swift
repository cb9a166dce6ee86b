import GraphIR
import Operators

/// What happens to channels at each operator: by the rule of its kind, by what is true of the operator, or nothing, so
/// that what feeds it keeps its channels.
package enum ChannelRules {
  static let all: [ChannelRule] = [
    .conv, .gemm, .matMul,
    .batchNormalization, .instanceNormalization, .groupNormalization, .layerNormalization,
    .reshape, .transpose, .concat, .split, .gather, .slice, .crop, .shapeReader, .pad, .resize,
    .attention, .multiHeadAttention, .lstm, .gru, .rnn,
  ]

  static let stops: [ChannelStop] = [
    ChannelStop(
      "it changes the size of an axis, or moves elements along one",
      [
        "Expand", "Tile", "CenterCropPad", "DepthToSpace", "SpaceToDepth", "Trilu", "ReverseSequence",
        .runtime("Trilu"), .runtime("ExpandDims"),
      ]),
    ChannelStop(
      "computed indices pick its elements",
      [
        "TopK", "GatherElements", "GatherND", "Scatter", "ScatterElements", "ScatterND", "TensorScatter",
      ]),
    ChannelStop(
      "its windows follow the data, or overlap",
      [
        "DeformConv", "RoiAlign", "MaxRoiPool", "GridSample", "AffineGrid", "MaxUnpool", "Col2Im",
        .runtime("GridSample"),
      ]),
    ChannelStop("its filters lie along another axis than those of other layers", ["ConvTranspose"]),
    ChannelStop("its biases belong to the channels of an image", ["ImageScaler"]),
    ChannelStop("it is a layer only where it is written as a product", ["Einsum"]),
    ChannelStop("it mixes all elements of its last axes", ["Det", "DFT", "STFT"]),
    ChannelStop(
      "the positions of its channels have a meaning", ["RotaryEmbedding", .runtime("RotaryEmbedding")]),
    ChannelStop("no rule yet for its states", ["LinearAttention", "CausalConvWithState"]),
    ChannelStop(
      "its classes are the model's answer", ["NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"]),
  ]

  private static let table = Dictionary(
    all.flatMap { rule in rule.kinds.map { ($0, rule) } }, uniquingKeysWith: { first, _ in first })
  private static let stopped = Set(stops.flatMap(\.kinds))

  static func pass(_ node: Node, _ analyzer: inout ChannelAnalyzer) {
    if let rule = table[node.kind] { return rule.pass(node, &analyzer) }
    guard let site = try? analyzer.known.site(of: node, in: analyzer.graph),
      let traits = analyzer.traits(of: node)
    else { return analyzer.stop(node) }
    switch traits.form {
    case .pointwise(let form): PointwiseChannels.pass(node, site, form, &analyzer)
    case .rowwise(let form): RowwiseChannels.pass(node, site, form, &analyzer)
    case .structured, .opaque: analyzer.stop(node)
    }
  }

  /// Kinds with a rule of their own or a reason to have none.
  package static var named: [OperatorKind] { all.flatMap(\.kinds) + stops.flatMap(\.kinds) }

  /// Whether it is said what happens to channels at an operator with such traits.
  package static func isAnswered(_ kind: OperatorKind, _ traits: OperatorTraits) -> Bool {
    switch traits.form {
    case .pointwise, .rowwise, .opaque: true
    case .structured: table[kind] != nil || stopped.contains(kind)
    }
  }
}
