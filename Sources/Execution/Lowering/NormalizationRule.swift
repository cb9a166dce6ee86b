import GraphIR
import TensorCore

/// A BatchNormalization that no layer took in becomes a product and a sum per channel, in whatever layout its input has.
struct NormalizationRule: LoweringRule {
  let kinds: Set<OperatorKind> = ["BatchNormalization"]

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    guard let input = node.input(0), let output = node.outputs.first else { return false }
    let type = try lowering.type(of: input)
    guard type.dataType == .float32, type.shape.rank >= 2,
      let normalization = ChannelNormalization(node, channels: type.shape[1], constant: lowering.constant)
    else { return false }
    let source = try lowering.value(input)
    let layout = source.layout == .channelsLast ? Layout.channelsLast : .plain
    let x = try lowering.value(input, in: layout)
    let stored = layout.stored(type.shape)
    var shape = [Int](repeating: 1, count: stored.rank)
    shape[layout.stored(axis: 1, rank: stored.rank)] = type.shape[1]
    func constant(_ values: [Float]) throws -> Lowering.ValueID {
      let tensor = try Tensor(shape: Shape(shape), values)
      return lowering.temporary(TensorType(.float32, tensor.shape), home: .constant(tensor))
    }
    let product = lowering.temporary(TensorType(.float32, stored))
    try lowering.emitPart(
      of: node, as: "Mul", inputs: [x, constant(normalization.factors)], output: product, overwrites: [0])
    let sum = lowering.define(output, as: layout, home: .arena)
    try lowering.emitPart(
      of: node, as: "Add", inputs: [product, constant(normalization.offsets)], output: sum, overwrites: [0])
    return true
  }
}
