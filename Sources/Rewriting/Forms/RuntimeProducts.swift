import GraphIR
import TensorCore

/// Products of codes that ONNX Runtime's quantizer and optimizer fused with what scales them (`MatMulIntegerToFloat`,
/// `DynamicQuantizeMatMul`, channels-last `QLinearConv`) become float layers behind a DequantizeLinear.
struct RuntimeProducts: GraphPass {
  let label = "products of ONNX Runtime's own"

  func run(_ builder: inout GraphBuilder) throws {
    builder.rewrite { node, builder in
      guard node.kind.domain == "com.microsoft" else { return nil }
      return switch node.kind.type {
      case "MatMulIntegerToFloat": integer(node, &builder)
      case "DynamicQuantizeMatMul": dynamic(node, &builder)
      case "QLinearConv": convolution(node, &builder)
      default: nil
      }
    }
  }

  /// A, B, scales of A and B, zero points of A and B, bias.
  private func integer(_ node: Node, _ builder: inout GraphBuilder) -> [Node]? {
    guard let a = node.input(0), let scale = node.input(2) else { return nil }
    return product(
      node, codes: a, scale: scale, zero: node.input(4), weight: (1, 3, 5), bias: node.input(6), &builder)
  }

  /// A, B, scale and zero point of B, bias.
  private func dynamic(_ node: Node, _ builder: inout GraphBuilder) -> [Node]? {
    guard let a = node.input(0) else { return nil }
    let made = ["codes", "scale", "zero"].map { builder.fresh("\(node.name)/\($0)") }
    guard
      let rest = product(
        node, codes: made[0], scale: made[1], zero: made[2], weight: (1, 2, 3), bias: node.input(4), &builder)
    else { return nil }
    let quantize = Node(
      name: builder.fresh("\(node.name)/quantize"), kind: "DynamicQuantizeLinear", inputs: [a], outputs: made)
    return [quantize] + rest
  }

  private func product(
    _ node: Node, codes: String, scale: String, zero: String?, weight: (codes: Int, scale: Int, zero: Int),
    bias: String?, _ builder: inout GraphBuilder
  ) -> [Node]? {
    guard let stored = builder.dense(node.input(weight.codes)), stored.shape.rank == 2,
      let scales = builder.dense(node.input(weight.scale)),
      let quantized = QuantizedTensor(
        stored: stored, scales: scales.floats,
        zeroPoints: node.input(weight.zero).flatMap { builder.dense($0)?.integers } ?? [], axis: 1)
    else { return nil }
    let name = builder.add(.quantized(quantized), node.inputs[weight.codes] + "/weight")
    let real = builder.fresh("\(node.name)/x")
    let dequantize = Node(
      name: builder.fresh("\(node.name)/dequantize"), kind: "DequantizeLinear",
      inputs: [codes, scale] + (zero.map { [$0] } ?? []), outputs: [real])
    guard let bias else {
      return [
        dequantize, Node(name: node.name, kind: "MatMul", inputs: [real, name], outputs: node.outputs),
      ]
    }
    let sum = builder.fresh("\(node.name)/product")
    return [
      dequantize, Node(name: node.name, kind: "MatMul", inputs: [real, name], outputs: [sum]),
      Node(
        name: builder.fresh("\(node.name)/bias"), kind: "Add", inputs: [sum, bias], outputs: node.outputs),
    ]
  }

  /// The standard QLinearConv, between Transposes where channels come last; `QuantizedOperators` takes it from there.
  private func convolution(_ node: Node, _ builder: inout GraphBuilder) -> [Node]? {
    guard let x = node.input(0), let rank = builder.weight(node.input(3))?.shape.rank, rank >= 3 else {
      return nil
    }
    let isLast = (node.int("channels_last") ?? 0) != 0
    var plain = node
    plain.kind = "QLinearConv"
    plain.attributes["channels_last"] = nil
    guard isLast else { return [plain] }
    plain.inputs[0] = builder.fresh("\(node.name)/first")
    plain.outputs = [builder.fresh("\(node.name)/result")]
    return [
      Node(
        name: builder.fresh("\(node.name)/channels-first"), kind: "Transpose", inputs: [x],
        outputs: [plain.inputs[0]], attributes: ["perm": .ints([0, rank - 1] + Array(1..<rank - 1))]),
      plain,
      Node(
        name: builder.fresh("\(node.name)/channels-last"), kind: "Transpose", inputs: plain.outputs,
        outputs: node.outputs, attributes: ["perm": .ints([0] + Array(2..<rank) + [1])]),
    ]
  }
}
