import GraphIR
import TensorCore

/// Operators that treat each element (or pair of elements) alike run in whatever layout their inputs have.
struct ElementwiseRule: LoweringRule {
  let kinds: Set<OperatorKind> = [
    "Relu", "LeakyRelu", "Elu", "Selu", "Celu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Softplus",
    "Softsign",
    "Gelu", "Erf", "Exp", "Log", "Sqrt", "Reciprocal", "Neg", "Abs", "Floor", "Ceil", "Round", "Sign", "Sin",
    "Cos",
    "Clip", "Cast", "Not", "Mish", "ThresholdedRelu", "QuantizeLinear", "DequantizeLinear",
    "Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "PRelu", "Mean", "Sum", "Where", "Equal", "Less",
    "Greater",
    "LessOrEqual", "GreaterOrEqual",
  ]

  func lower(_ node: Node, in lowering: inout Lowering) throws -> Bool {
    guard let output = node.outputs.first, node.outputs.count == 1 else { return false }
    let type = try lowering.type(of: output)
    let names = node.inputs.filter { !$0.isEmpty && lowering.graph.initializers[$0] == nil }
    let layouts = try names.map { try lowering.value($0).layout }
    if isPerChannelQuantizer(node, in: lowering) { return false }
    let layout = layouts.first { $0 != .plain } ?? .plain
    var inputs: [Lowering.ValueID?] = []
    switch layout {
    case .plain:
      for name in node.inputs { inputs.append(name.isEmpty ? nil : try lowering.value(name, in: .plain)) }
    case .channelsLast:
      guard try names.allSatisfy({ try lowering.type(of: $0).shape.rank == type.shape.rank }),
        type.shape.rank >= 3
      else { return false }
      for name in node.inputs {
        inputs.append(name.isEmpty ? nil : try operand(name, rank: type.shape.rank, in: &lowering))
      }
      if inputs.count != node.inputs.count { return false }
    case .flattened:
      // Only values of the same flattened shape and scalars agree on the order of columns.
      for name in node.inputs where !name.isEmpty {
        let shape = try lowering.type(of: name).shape
        guard shape.count == 1 || names.contains(name) && shape == type.shape else { return false }
      }
      for name in node.inputs {
        guard !name.isEmpty else {
          inputs.append(nil)
          continue
        }
        let isScalar = !names.contains(name)
        inputs.append(try lowering.value(name, in: isScalar ? .plain : layout))
      }
    }
    let bytes = type.byteCount
    let overwrites = inputs.indices.filter { index in
      guard let id = inputs[index] else { return false }
      return lowering.program.values[id].type.byteCount == bytes
        && lowering.program.values[id].type.dataType.byteCount == type.dataType.byteCount
    }
    try lowering.emit(node, inputs: inputs, layout: layout, overwrites: overwrites)
    return true
  }

  private func isPerChannelQuantizer(_ node: Node, in lowering: Lowering) -> Bool {
    guard node.kind == "QuantizeLinear" || node.kind == "DequantizeLinear" else { return false }
    guard let scale = lowering.constant(node.input(1)) else { return true }
    return scale.count != 1
  }

  /// A value in channels-last order; a constant is permuted now, once its rank is brought up by leading ones.
  private func operand(_ name: String, rank: Int, in lowering: inout Lowering) throws -> Lowering.ValueID {
    guard let constant = lowering.constant(name) else { return try lowering.value(name, in: .channelsLast) }
    if constant.count == 1 { return try lowering.value(name, in: .plain) }
    let missing = max(0, rank - constant.shape.rank)
    let shape = try Shape(Array(repeating: 1, count: missing) + constant.shape.dimensions)
    let stored = try constant.reshaped(to: shape).channelsLast()
    return lowering.temporary(TensorType(stored.dataType, stored.shape), home: .constant(stored))
  }
}

extension Tensor {
  /// The elements of [N, C, spatial...] in the order [N, spatial..., C].
  func channelsLast() throws -> Tensor {
    let stored = Layout.channelsLast.stored(shape)
    guard shape.rank >= 3, count > 0 else { return try reshaped(to: stored) }
    let size = dataType.byteCount
    let (channels, area) = (shape[1], count / (shape[0] * shape[1]))
    let storage = TensorStorage(byteCount: byteCount) { target in
      for image in 0..<shape[0] {
        for channel in 0..<channels {
          for place in 0..<area {
            let from = ((image * channels + channel) * area + place) * size
            let to = ((image * area + place) * channels + channel) * size
            for byte in 0..<size { target[to + byte] = bytes[from + byte] }
          }
        }
      }
    }
    return try Tensor(shape: stored, dataType: dataType, storage: storage)
  }
}
