import GraphIR
import TensorCore

/// Operators on codes (QLinearConv, QLinearMatMul, ConvInteger, MatMulInteger, QGemm) become float operators between
/// QuantizeLinear and DequantizeLinear, which plans fuse into integer kernels.
struct QuantizedOperators: GraphPass {
  let label = "operators on codes"

  func run(_ builder: inout GraphBuilder) throws {
    let pattern = builder.neighbours()
    builder.rewrite { node, builder in
      switch (node.kind.domain, node.kind.type) {
      case ("", "QLinearConv"): layer(node, "Conv", bias: 8, &builder)
      case ("", "QLinearMatMul"): layer(node, "MatMul", bias: nil, &builder)
      case ("com.microsoft", "QGemm"): gemm(node, &builder)
      case ("", "MatMulInteger"): integer(node, "MatMul", pattern, &builder)
      case ("", "ConvInteger"): integer(node, "Conv", pattern, &builder)
      default: nil
      }
    }
  }

  /// x, scale, zero point, weight, scale, zero point, output scale, zero point[, int32 bias].
  private func layer(
    _ node: Node, _ kind: OperatorKind, bias: Int?, _ builder: inout GraphBuilder
  ) -> [Node]? {
    guard let x = node.input(0), let scale = node.input(1), let zero = node.input(2),
      let output = node.outputs.first,
      let weight = quantized(node, weight: 3, scale: 4, zero: 5, axis: kind == "Conv" ? 0 : 1, builder),
      let outScale = node.input(6), let outZero = node.input(7)
    else { return nil }
    var inputs = [
      builder.fresh("\(node.name)/x"), builder.add(.quantized(weight), node.inputs[3] + "/weight"),
    ]
    if let bias, let name = node.input(bias) {
      guard let values = self.bias(name, x: scale, weight: weight.scales, builder) else { return nil }
      inputs.append(builder.add(.dense(values), name + "/float"))
    }
    let result = builder.fresh("\(node.name)/y")
    return [
      Node(
        name: builder.fresh("\(node.name)/dequantize"), kind: "DequantizeLinear", inputs: [x, scale, zero],
        outputs: [inputs[0]]),
      Node(name: node.name, kind: kind, inputs: inputs, outputs: [result], attributes: node.attributes),
      Node(
        name: builder.fresh("\(node.name)/quantize"), kind: "QuantizeLinear",
        inputs: [result, outScale, outZero],
        outputs: [output]),
    ]
  }

  /// a, scale, zero point, b, scale, zero point, int32 bias, output scale, zero point; the result is float without them.
  private func gemm(_ node: Node, _ builder: inout GraphBuilder) -> [Node]? {
    let transposed = (node.int("transB") ?? 0) != 0
    guard let x = node.input(0), let scale = node.input(1), let zero = node.input(2),
      let output = node.outputs.first,
      let weight = quantized(node, weight: 3, scale: 4, zero: 5, axis: transposed ? 0 : 1, builder)
    else { return nil }
    var inputs = [
      builder.fresh("\(node.name)/x"), builder.add(.quantized(weight), node.inputs[3] + "/weight"),
    ]
    if let name = node.input(6) {
      let alpha = node.float("alpha") ?? 1
      guard let values = bias(name, x: scale, weight: weight.scales.map { $0 * alpha }, builder) else {
        return nil
      }
      inputs.append(builder.add(.dense(values), name + "/float"))
    }
    let dequantize = Node(
      name: builder.fresh("\(node.name)/dequantize"), kind: "DequantizeLinear", inputs: [x, scale, zero],
      outputs: [inputs[0]])
    guard let outScale = node.input(7), let outZero = node.input(8) else {
      return [
        dequantize,
        Node(name: node.name, kind: "Gemm", inputs: inputs, outputs: [output], attributes: node.attributes),
      ]
    }
    let result = builder.fresh("\(node.name)/y")
    return [
      dequantize,
      Node(name: node.name, kind: "Gemm", inputs: inputs, outputs: [result], attributes: node.attributes),
      Node(
        name: builder.fresh("\(node.name)/quantize"), kind: "QuantizeLinear",
        inputs: [result, outScale, outZero],
        outputs: [output]),
    ]
  }

  /// The dynamic pattern that ONNX Runtime's quantizer writes: MatMulInteger(codes of DynamicQuantizeLinear, constant),
  /// Cast to float, Mul by the product of both scales.
  private func integer(
    _ node: Node, _ kind: OperatorKind, _ pattern: NodePattern, _ builder: inout GraphBuilder
  ) -> [Node]? {
    guard let pattern = DynamicPattern(node, pattern, in: builder),
      let stored = builder.dense(node.input(1)),
      let weight = QuantizedTensor(
        stored: stored, scales: pattern.weightScales,
        zeroPoints: node.input(3).flatMap { builder.dense($0)?.integers } ?? [],
        axis: kind == "Conv" ? 0 : 1)
    else { return nil }
    for name in [pattern.cast, pattern.multiply, pattern.scales] { builder.remove(name) }
    let x = builder.fresh("\(node.name)/x")
    return [
      Node(
        name: builder.fresh("\(node.name)/dequantize"), kind: "DequantizeLinear",
        inputs: [node.inputs[0], pattern.inputScale, node.input(2) ?? ""], outputs: [x]),
      Node(
        name: node.name, kind: kind,
        inputs: [x, builder.add(.quantized(weight), node.inputs[1] + "/weight")], outputs: [pattern.output],
        attributes: node.attributes),
    ]
  }

  private func quantized(
    _ node: Node, weight: Int, scale: Int, zero: Int, axis: Int, _ builder: GraphBuilder
  ) -> QuantizedTensor? {
    guard let codes = builder.dense(node.input(weight)), let scales = builder.dense(node.input(scale))
    else {
      return nil
    }
    let zeros = node.input(zero).flatMap { builder.dense($0)?.integers } ?? []
    return QuantizedTensor(stored: codes, scales: scales.floats, zeroPoints: zeros, axis: axis)
  }

  /// An int32 bias counts products of both scales.
  private func bias(_ name: String, x: String, weight: [Float], _ builder: GraphBuilder) -> Tensor? {
    guard let codes = builder.dense(name), let scale = builder.dense(x)?.floats, scale.count == 1,
      weight.count == 1 || weight.count == codes.count
    else { return nil }
    let values = codes.integers.enumerated().map { Float($1) * scale[0] * weight[weight.count == 1 ? 0 : $0] }
    return try? Tensor(shape: codes.shape, values)
  }
}

/// The nodes around a MatMulInteger or ConvInteger that make it a float layer.
private struct DynamicPattern {
  let cast: String
  let multiply: String
  let scales: String
  let inputScale: String
  let weightScales: [Float]
  let output: String

  init?(_ node: Node, _ pattern: NodePattern, in builder: GraphBuilder) {
    func onlyReader(of value: String) -> Node? {
      let readers = pattern.readers(of: value)
      return readers.count == 1 && !builder.pinned.contains(value) ? pattern.node(readers[0]) : nil
    }
    guard let cast = onlyReader(of: node.outputs[0]), cast.kind == "Cast", cast.int("to") == 1,
      let multiply = onlyReader(of: cast.outputs[0]), multiply.kind == "Mul",
      let factor = multiply.inputs.first(where: { $0 != cast.outputs[0] }),
      let scales = pattern.producer(factor, ["Mul"]).map(pattern.node), scales.outputs.first == factor,
      onlyReader(of: factor) != nil,
      let source = pattern.producer(node.input(0), ["DynamicQuantizeLinear"]).map(pattern.node),
      source.outputs.count > 1, source.outputs[0] == node.input(0), scales.inputs.contains(source.outputs[1]),
      let other = scales.inputs.first(where: { $0 != source.outputs[1] }),
      let weightScales = builder.dense(other), weightScales.dataType == .float32
    else { return nil }
    self.cast = cast.name
    self.multiply = multiply.name
    self.scales = scales.name
    inputScale = source.outputs[1]
    self.weightScales = weightScales.floats
    output = multiply.outputs[0]
  }
}
