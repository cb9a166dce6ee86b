import GraphIR
import TensorCore

/// Operators on codes (QLinearConv, QLinearMatMul, ConvInteger, MatMulInteger, QGemm) become float operators between
/// QuantizeLinear and DequantizeLinear, which plans fuse into integer kernels.
struct QuantizedOperators: LayerFormRule {
  func apply(to editor: inout FormEditor) throws {
    editor.rewrite { node, editor in
      switch (node.kind.domain, node.kind.type) {
      case ("", "QLinearConv"): layer(node, "Conv", bias: 8, &editor)
      case ("", "QLinearMatMul"): layer(node, "MatMul", bias: nil, &editor)
      case ("com.microsoft", "QGemm"): gemm(node, &editor)
      case ("", "MatMulInteger"): integer(node, "MatMul", &editor)
      case ("", "ConvInteger"): integer(node, "Conv", &editor)
      default: nil
      }
    }
  }

  /// x, scale, zero point, weight, scale, zero point, output scale, zero point[, int32 bias].
  private func layer(
    _ node: Node, _ kind: OperatorKind, bias: Int?, _ editor: inout FormEditor
  ) -> [Node]? {
    guard let x = node.input(0), let scale = node.input(1), let zero = node.input(2),
      let output = node.outputs.first,
      let weight = quantized(node, weight: 3, scale: 4, zero: 5, axis: kind == "Conv" ? 0 : 1, editor),
      let outScale = node.input(6), let outZero = node.input(7)
    else { return nil }
    var inputs = [editor.fresh("\(node.name)/x"), editor.add(.quantized(weight), node.inputs[3] + "/weight")]
    if let bias, let name = node.input(bias) {
      guard let values = self.bias(name, x: scale, weight: weight.scales, editor) else { return nil }
      inputs.append(editor.add(.dense(values), name + "/float"))
    }
    let result = editor.fresh("\(node.name)/y")
    return [
      Node(
        name: editor.fresh("\(node.name)/dequantize"), kind: "DequantizeLinear", inputs: [x, scale, zero],
        outputs: [inputs[0]]),
      Node(name: node.name, kind: kind, inputs: inputs, outputs: [result], attributes: node.attributes),
      Node(
        name: editor.fresh("\(node.name)/quantize"), kind: "QuantizeLinear",
        inputs: [result, outScale, outZero],
        outputs: [output]),
    ]
  }

  /// a, scale, zero point, b, scale, zero point, int32 bias, output scale, zero point; the result is float without them.
  private func gemm(_ node: Node, _ editor: inout FormEditor) -> [Node]? {
    let transposed = (node.int("transB") ?? 0) != 0
    guard let x = node.input(0), let scale = node.input(1), let zero = node.input(2),
      let output = node.outputs.first,
      let weight = quantized(node, weight: 3, scale: 4, zero: 5, axis: transposed ? 0 : 1, editor)
    else { return nil }
    var inputs = [editor.fresh("\(node.name)/x"), editor.add(.quantized(weight), node.inputs[3] + "/weight")]
    if let name = node.input(6) {
      let alpha = node.float("alpha") ?? 1
      guard let values = bias(name, x: scale, weight: weight.scales.map { $0 * alpha }, editor) else {
        return nil
      }
      inputs.append(editor.add(.dense(values), name + "/float"))
    }
    let dequantize = Node(
      name: editor.fresh("\(node.name)/dequantize"), kind: "DequantizeLinear", inputs: [x, scale, zero],
      outputs: [inputs[0]])
    guard let outScale = node.input(7), let outZero = node.input(8) else {
      return [
        dequantize,
        Node(name: node.name, kind: "Gemm", inputs: inputs, outputs: [output], attributes: node.attributes),
      ]
    }
    let result = editor.fresh("\(node.name)/y")
    return [
      dequantize,
      Node(name: node.name, kind: "Gemm", inputs: inputs, outputs: [result], attributes: node.attributes),
      Node(
        name: editor.fresh("\(node.name)/quantize"), kind: "QuantizeLinear",
        inputs: [result, outScale, outZero],
        outputs: [output]),
    ]
  }

  /// The dynamic pattern that ONNX Runtime's quantizer writes: MatMulInteger(codes of DynamicQuantizeLinear, constant),
  /// Cast to float, Mul by the product of both scales.
  private func integer(_ node: Node, _ kind: OperatorKind, _ editor: inout FormEditor) -> [Node]? {
    guard let pattern = DynamicPattern(node, in: editor),
      let stored = editor.constant(node.input(1)),
      let weight = QuantizedTensor(
        codes: stored, scales: pattern.weightScales,
        zeroPoints: node.input(3).flatMap { editor.constant($0)?.integers } ?? [],
        axis: kind == "Conv" ? 0 : 1)
    else { return nil }
    editor.drop([pattern.cast, pattern.multiply, pattern.scales])
    let x = editor.fresh("\(node.name)/x")
    return [
      Node(
        name: editor.fresh("\(node.name)/dequantize"), kind: "DequantizeLinear",
        inputs: [node.inputs[0], pattern.inputScale, node.input(2) ?? ""], outputs: [x]),
      Node(
        name: node.name, kind: kind,
        inputs: [x, editor.add(.quantized(weight), node.inputs[1] + "/weight")], outputs: [pattern.output],
        attributes: node.attributes),
    ]
  }

  private func quantized(
    _ node: Node, weight: Int, scale: Int, zero: Int, axis: Int, _ editor: FormEditor
  ) -> QuantizedTensor? {
    guard let codes = editor.constant(node.input(weight)), let scales = editor.constant(node.input(scale))
    else {
      return nil
    }
    let zeros = node.input(zero).flatMap { editor.constant($0)?.integers } ?? []
    return QuantizedTensor(codes: codes, scales: scales.floats, zeroPoints: zeros, axis: axis)
  }

  /// An int32 bias counts products of both scales.
  private func bias(_ name: String, x: String, weight: [Float], _ editor: FormEditor) -> Tensor? {
    guard let codes = editor.constant(name), let scale = editor.constant(x)?.floats, scale.count == 1,
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

  init?(_ node: Node, in editor: FormEditor) {
    let graph = editor.graph
    func onlyReader(of value: String) -> Node? {
      let readers = graph.nodes.filter { $0.inputs.contains(value) }
      return readers.count == 1 && !graph.outputs.contains { $0.name == value } ? readers[0] : nil
    }
    guard let cast = onlyReader(of: node.outputs[0]), cast.kind == "Cast", cast.int("to") == 1,
      let multiply = onlyReader(of: cast.outputs[0]), multiply.kind == "Mul",
      let factor = multiply.inputs.first(where: { $0 != cast.outputs[0] }),
      let scales = graph.nodes.first(where: { $0.outputs.first == factor }), scales.kind == "Mul",
      onlyReader(of: factor) != nil, let input = node.input(0),
      let source = graph.nodes.first(where: { $0.outputs.first == input }),
      source.kind == "DynamicQuantizeLinear",
      source.outputs.count > 1, scales.inputs.contains(source.outputs[1]),
      let other = scales.inputs.first(where: { $0 != source.outputs[1] }),
      let weightScales = editor.constant(other), weightScales.dataType == .float32
    else { return nil }
    self.cast = cast.name
    self.multiply = multiply.name
    self.scales = scales.name
    inputScale = source.outputs[1]
    self.weightScales = weightScales.floats
    output = multiply.outputs[0]
  }
}

extension FormEditor {
  /// Forgets nodes by name, once the rule that runs is done.
  mutating func drop(_ names: [String]) { dropped.formUnion(names) }
}

extension QuantizedTensor {
  /// The weight that stored codes stand for; nil where they are not 8-bit, or scales do not fit the axis.
  init?(codes: Tensor, scales: [Float], zeroPoints: [Int], axis: Int) {
    guard codes.dataType == .int8 || codes.dataType == .uint8, !scales.isEmpty,
      scales.count == 1 || codes.shape.dimensions.indices.contains(axis) && codes.shape[axis] == scales.count,
      [0, 1, scales.count].contains(zeroPoints.count)
    else { return nil }
    // Unsigned codes and their zero points move down together.
    let shift = codes.dataType == .uint8 ? 128 : 0
    var zeros = zeroPoints.isEmpty ? [Int](repeating: 0, count: scales.count) : zeroPoints
    if zeros.count == 1 { zeros = [Int](repeating: zeros[0], count: scales.count) }
    zeros = zeros.map { $0 - shift }
    let made = try? QuantizedTensor(
      shape: codes.shape, bits: .int8, axis: scales.count == 1 ? nil : axis, scales: scales,
      zeroPoints: zeros.allSatisfy { $0 == 0 } ? [] : zeros.map { Int32($0) },
      codes: codes.integers.map { Int8(truncatingIfNeeded: $0 - shift) })
    guard let made else { return nil }
    self = made
  }
}
