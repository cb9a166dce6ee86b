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

/// Reductions over all spatial axes run on channels-last values; over others they need the plain layout.
struct ReduceRule: LoweringRule {
  let kinds: Set<OperatorKind> = ["ReduceMean", "ReduceMax", "ReduceSum", "ReduceMin", "ReduceL2"]

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    guard let input = node.input(0), let output = node.outputs.first else { return false }
    let shape = try lowering.type(of: input).shape
    let source = try lowering.value(input)
    guard source.layout == .channelsLast, shape.rank >= 3 else { return false }
    guard let found = node.ints("axes") ?? lowering.constant(node.input(1))?.integers, !found.isEmpty else {
      return false
    }
    let axes = Set(found.compactMap { shape.normalized(axis: $0) })
    guard axes == Set(2..<shape.rank) else { return false }
    let stored = axes.map { Layout.channelsLast.stored(axis: $0, rank: shape.rank) }.sorted()
    var moved = node
    var inputs: [Lowering.ValueID?] = [source.id]
    if node.input(1) != nil {
      let tensor = try Tensor(shape: Shape([stored.count]), stored.map(Int64.init))
      inputs.append(lowering.temporary(TensorType(.int64, tensor.shape), home: .constant(tensor)))
    } else {
      moved.attributes["axes"] = .ints(stored)
    }
    // One element per channel is left: [N, 1, ..., C] holds the same bytes as [N, C, 1, ...].
    let keeps = try lowering.type(of: output).shape.rank == shape.rank
    try lowering.emit(moved, inputs: inputs, layout: keeps ? .channelsLast : .plain)
    return true
  }
}

/// Softmax over channels, which lie last.
struct SoftmaxRule: LoweringRule {
  let kinds: Set<OperatorKind> = ["Softmax", "LogSoftmax"]

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    guard let input = node.input(0), lowering.graph.opset >= 13 else { return false }
    let shape = try lowering.type(of: input).shape
    let source = try lowering.value(input)
    guard source.layout == .channelsLast, let axis = shape.normalized(axis: node.int("axis") ?? -1) else {
      return false
    }
    var moved = node
    moved.attributes["axis"] = .int(Layout.channelsLast.stored(axis: axis, rank: shape.rank))
    try lowering.emit(moved, inputs: [source.id], layout: .channelsLast)
    return true
  }
}
