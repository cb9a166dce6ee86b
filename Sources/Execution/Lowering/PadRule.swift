import GraphIR
import Operators
import TensorCore

/// Pad keeps the channels last where its input has them there.
struct PadRule: LoweringRule {
  let kinds: Set<OperatorKind> = ["Pad"]

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    // What only leaves the graph is plain in the end: fewer values are turned before they are padded.
    guard let input = node.input(0), lowering.graph.initializers[input] == nil,
      let output = node.outputs.first, lowering.consumers[output] != nil
    else { return false }
    let shape = try lowering.type(of: input).shape
    let source = try lowering.value(input)
    guard source.layout == .channelsLast, shape.rank >= 3, shape.count > 0,
      let pads = try? PadOperator.pads(lowering.site(of: node), shape)
    else { return false }
    let order = [0] + Array(2..<shape.rank) + [1]
    let listed = try Tensor(
      shape: [2 * shape.rank], order.map { Int64(pads[$0].begin) } + order.map { Int64(pads[$0].end) })
    let value = try lowering.filler(of: node)
    // In the form of operator set 18, all axes given.
    let stored = Node(
      name: node.name, kind: node.kind, inputs: value == nil ? [input, "pads"] : [input, "pads", "value"],
      outputs: node.outputs, attributes: node.attributes.filter { $0.key == "mode" }, opset: 18)
    let constant = lowering.temporary(TensorType(.int64, listed.shape), home: .constant(listed))
    try lowering.emit(
      stored, inputs: value.map { [source.id, constant, $0] } ?? [source.id, constant], layout: .channelsLast)
    return true
  }
}

extension Lowering {
  /// What a Pad fills with: an input since operator set 11, an attribute before; nil for zero.
  fileprivate mutating func filler(of node: Node) throws -> Program.ValueID? {
    if graph.opset(of: node) >= 11 { return try node.input(2).map { try value($0, in: .plain) } }
    guard let number = node.float("value"), number != 0 else { return nil }
    let tensor = Tensor(scalar: number)
    return temporary(TensorType(.float32, tensor.shape), home: .constant(tensor))
  }
}
