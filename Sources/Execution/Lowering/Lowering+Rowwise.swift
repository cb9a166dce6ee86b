import GraphIR
import Operators
import TensorCore

extension Lowering {
  /// Operators that work along some axes run with the channels last where a node can name the axes in their stored
  /// places: those of one operand that keep its shape, and reductions over all spatial axes. Other reductions would add up
  /// in another order.
  mutating func lower(_ node: Node, rowwise form: RowwiseForm) throws -> Bool {
    guard let input = node.input(0), let output = node.outputs.first, node.outputs.count == 1,
      layout(of: input) == .channelsLast
    else { return false }
    let site = try site(of: node)
    let rank = try type(of: input).shape.rank
    guard rank >= 3, let axes = form.axes(at: site), !axes.isEmpty else { return false }
    switch form.result {
    case .same: break
    case .reduced: guard axes == Array(2..<rank) else { return false }
    case .windows: return false
    }
    let stored = axes.map { Layout.channelsLast.stored(axis: $0, rank: rank) }.sorted()
    var moved = node
    var list: Tensor?
    switch form.axes.place {
    case .axis: moved.attributes["axis"] = .int(stored[0])
    case .axes where node.input(1) == nil: moved.attributes["axes"] = .ints(stored)
    case .axes: list = try Tensor(shape: Shape([stored.count]), stored.map(Int64.init))
    case .fixed: return false
    }
    // The axes that the moved node names must be those meant, and nothing else be read along them.
    let placed = OperatorSite(
      node: moved, opset: site.opset, inputs: site.inputs,
      constants: list.map { [nil, $0] } ?? site.constants)
    guard form.axes(at: placed) == stored, node.inputs.count <= (list == nil ? 1 : 2) else { return false }
    var inputs: [ValueID?] = [try value(input).id]
    if let list { inputs.append(temporary(TensorType(.int64, list.shape), home: .constant(list))) }
    // Where one element per channel is left, [N, 1, ..., C] holds the same bytes as [N, C, 1, ...].
    let keepsRank = try type(of: output).shape.rank == rank
    try emit(moved, inputs: inputs, layout: keepsRank ? .channelsLast : .plain)
    return true
  }
}
