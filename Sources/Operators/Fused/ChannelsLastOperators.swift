import GraphIR
import TensorCore

extension Composition {
  /// [N, ..., C] as [N, C, ...].
  mutating func channelsFirst(_ value: Value) throws -> Value {
    let rank = try type(of: value).shape.rank
    guard rank > 2 else { return value }
    return try add("Transpose", [value], ["perm": .ints([0, rank - 1] + Array(1..<rank - 1))])
  }

  /// [N, C, ...] as [N, ..., C].
  mutating func channelsLast(_ value: Value) throws -> Value {
    let rank = try type(of: value).shape.rank
    guard rank > 2 else { return value }
    return try add("Transpose", [value], ["perm": .ints([0] + Array(2..<rank) + [1])])
  }
}

/// NhwcConv, NhwcFusedConv, NhwcMaxPool and QLinearConv of ONNX Runtime, which its layout transformer writes: the standard
/// operators on [N, ..., C].
///
/// The weights of NhwcConv are [M, ..., C / group]; those of the others stay [M, C / group, ...]. QLinearConv is channels
/// last only where `channels_last` says so.
struct ChannelsLastOperator: CompositeOperator {
  let kinds: [OperatorKind] = [
    .runtime("NhwcConv"), .runtime("NhwcFusedConv"), .runtime("NhwcMaxPool"), .runtime("QLinearConv"),
  ]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .fused(kind.type == "NhwcMaxPool" ? .zero : .uncounted("no count of layouts with channels last"))
  }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let site = steps.site
    var attributes = site.node.attributes
    attributes["channels_last"] = nil
    var inputs = site.inputs.indices.map { steps.input($0) }
    let isLast = try site.kind.type != "QLinearConv" || site.flag("channels_last")
    if isLast { inputs[0] = try steps.channelsFirst(try steps.required(0)) }
    let kind: OperatorKind
    switch site.kind.type {
    case "NhwcConv":
      kind = "Conv"
      inputs[1] = try steps.channelsFirst(try steps.required(1))
    case "NhwcFusedConv":
      kind = .runtime("FusedConv")
      // What is added before the activation is channels last too.
      if let addend = steps.input(3) { inputs[3] = try steps.channelsFirst(addend) }
    case "NhwcMaxPool": kind = "MaxPool"
    default: kind = "QLinearConv"
    }
    let y = try steps.add(kind, inputs, attributes)
    return [isLast ? try steps.channelsLast(y) : y]
  }
}

/// GroupNorm and SkipGroupNorm of ONNX Runtime: groups of channels normalized, and SiLU where `activation` is 1. Skip and
/// bias are added first; that sum is the second output.
struct RuntimeGroupNormOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("GroupNorm"), .runtime("SkipGroupNorm")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .fused(.zero) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let site = steps.site
    var x = try steps.required(0)
    var sum: Composition.Value?
    if site.kind.type == "SkipGroupNorm" {
      var skip = try steps.required(3)
      let (own, other) = (try steps.type(of: x).shape, try steps.type(of: skip).shape)
      if other.rank == 2, own.rank == 4 {
        skip = try steps.add("Reshape", [skip, try Composition.integers([own[0], 1, 1, own[3]])])
      }
      x = try steps.add("Add", [x, skip])
      if let bias = steps.input(4) { x = try steps.add("Add", [x, bias]) }
      sum = x
    }
    let isLast = try site.flag("channels_last", default: true)
    let groups = try site.int("groups", default: 32)
    let epsilon = try site.float("epsilon", default: 1e-5)
    var y = isLast ? try steps.channelsFirst(x) : x
    y = try steps.add(
      "GroupNormalization", [y, try steps.required(1), try steps.required(2)],
      ["num_groups": .int(groups), "epsilon": .float(epsilon)])
    if isLast { y = try steps.channelsLast(y) }
    if try site.int("activation", default: 0) == 1 {
      y = try steps.add("Mul", [y, try steps.add("Sigmoid", [y])])
    }
    return [y, sum]
  }
}
