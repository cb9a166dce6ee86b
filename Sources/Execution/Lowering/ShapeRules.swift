import GraphIR
import TensorCore

/// Reshape and its kin: the same bytes under another shape, unless channels must first move to their place.
struct ReshapeRule: LoweringRule {
  let kinds: Set<OperatorKind> = ["Reshape", "Flatten", "Squeeze", "Unsqueeze"]

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    guard let input = node.input(0), let output = node.outputs.first else { return false }
    let from = try lowering.type(of: input).shape
    let to = try lowering.type(of: output).shape
    guard from.count == to.count, lowering.graph.initializers[input] == nil else { return false }
    let source = try lowering.value(input)
    let layout = target(source.layout, from: from, to: to)
    let id = layout == nil ? try lowering.value(input, in: .plain) : source.id
    lowering.define(output, as: layout ?? .plain, home: .alias(id))
    return true
  }

  /// The layout the bytes have under the new shape; nil where they must be made plain first.
  private func target(_ layout: Layout, from: Shape, to: Shape) -> Layout? {
    if layout.isPlain(for: from) { return .plain }
    if from == to { return layout }
    guard layout == .channelsLast else { return nil }
    let area = from.count / (from[0] * from[1])
    if to.rank == 2 && to[0] == from[0] { return .flattened(channels: from[1], area: area) }
    // Only the spatial dimensions are grouped anew.
    if to.rank >= 3 && to[0] == from[0] && to[1] == from[1] { return .channelsLast }
    return nil
  }
}

/// A Transpose that only moves channels to or from the last place costs nothing where they lie there already.
struct TransposeRule: LoweringRule {
  let kinds: Set<OperatorKind> = ["Transpose"]

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    guard let input = node.input(0), let output = node.outputs.first else { return false }
    let rank = try lowering.type(of: input).shape.rank
    guard rank >= 3, lowering.graph.initializers[input] == nil else { return false }
    let permutation = node.ints("perm") ?? (0..<rank).reversed()
    let source = try lowering.value(input)
    if source.layout == .channelsLast && permutation == [0] + Array(2..<rank) + [1] {
      lowering.define(output, as: .plain, home: .alias(source.id))
      return true
    }
    if source.layout == .plain && permutation == [0, rank - 1] + Array(1..<rank - 1), rank == 4 {
      lowering.define(output, as: .channelsLast, home: .alias(source.id))
      return true
    }
    return false
  }
}

/// Concat keeps the channels last where one of its inputs has them there.
struct ConcatRule: LoweringRule {
  let kinds: Set<OperatorKind> = ["Concat"]

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    guard let output = node.outputs.first, let axis = node.int("axis") else { return false }
    let shape = try lowering.type(of: output).shape
    guard shape.rank >= 3, let axis = shape.normalized(axis: axis),
      try node.inputs.contains(where: { try lowering.value($0).layout == .channelsLast })
    else { return false }
    var stored = node
    stored.attributes["axis"] = .int(Layout.channelsLast.stored(axis: axis, rank: shape.rank))
    var inputs: [Lowering.ValueID?] = []
    for name in node.inputs {
      if let constant = lowering.constant(name) {
        let tensor = try constant.channelsLast()
        inputs.append(
          lowering.temporary(TensorType(tensor.dataType, tensor.shape), home: .constant(tensor)))
      } else {
        inputs.append(try lowering.value(name, in: .channelsLast))
      }
    }
    try lowering.emit(stored, inputs: inputs, layout: .channelsLast)
    return true
  }
}
