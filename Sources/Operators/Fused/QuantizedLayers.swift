import GraphIR
import TensorCore

extension Composition {
  /// Codes as float32.
  mutating func dequantized(_ codes: Value, scale: Value, zero: Value?, axis: Int? = nil) throws -> Value {
    try add(
      "DequantizeLinear", [codes, scale, zero], axis.map { ["axis": .int($0)] } ?? [:])
  }

  /// The codes at an input as float32; their scale and zero point are the inputs behind.
  mutating func dequantized(_ index: Int, axis: Int? = nil) throws -> Value {
    try dequantized(
      try required(index), scale: try required(index + 1), zero: input(index + 2), axis: axis)
  }

  /// float32 as codes on the scale at an input, its zero point behind it; without one as the codes at input `like`.
  mutating func quantized(_ value: Value, scale index: Int, like codes: Int) throws -> Value {
    let type = try site.input(codes, of: DataType.codes).dataType
    let zero = input(index + 1)
    return try add(
      "QuantizeLinear", [value, try required(index), zero],
      zero == nil ? ["output_dtype": .int(type.onnxCode)] : [:])
  }
}

/// QLinearAdd and QLinearMul of ONNX Runtime: two quantized operands, broadcast, and a quantized result.
///
/// Inputs: A, its scale and zero point, B, its scale and zero point, scale and zero point of the result.
struct QLinearPairOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("QLinearAdd"), .runtime("QLinearMul")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.zero) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let (a, b) = (try steps.dequantized(0), try steps.dequantized(3))
    let y = try steps.add(steps.site.kind.type == "QLinearAdd" ? "Add" : "Mul", [a, b])
    return [try steps.quantized(y, scale: 6, like: 0)]
  }
}

/// QLinearSigmoid, QLinearLeakyRelu, QLinearSoftmax, QLinearAveragePool and QLinearGlobalAveragePool of ONNX Runtime.
///
/// Inputs: X, its scale and zero point, scale and zero point of the result. `channels_last` puts channels last.
struct QLinearUnaryOperator: CompositeOperator {
  let kinds: [OperatorKind] = [
    .runtime("QLinearSigmoid"), .runtime("QLinearLeakyRelu"), .runtime("QLinearSoftmax"),
    .runtime("QLinearAveragePool"), .runtime("QLinearGlobalAveragePool"),
  ]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.zero) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let site = steps.site
    var attributes = site.node.attributes
    let isLast = try site.flag("channels_last")
    attributes["channels_last"] = nil
    var x = try steps.dequantized(0)
    let rank = try steps.type(of: x).shape.rank
    if isLast { x = try steps.channelsFirst(x) }
    var y: Composition.Value
    switch site.kind.type {
    case "QLinearSoftmax":
      let opset = try site.int("opset", default: 13)
      attributes["opset"] = nil
      if opset < 13 {
        let axis = try site.axis(try site.int("axis", default: 1), rank: rank)
        let flat = try steps.add("Flatten", [x], ["axis": .int(axis)])
        let soft = try steps.add("Softmax", [flat], ["axis": .int(-1)])
        let shape = try steps.type(of: x).shape.dimensions
        y = try steps.add("Reshape", [soft, try Composition.integers(shape)], ["allowzero": .int(1)])
      } else {
        y = try steps.add("Softmax", [x], attributes)
      }
    default:
      y = try steps.add(OperatorKind(String(site.kind.type.dropFirst("QLinear".count))), [x], attributes)
    }
    if isLast { y = try steps.channelsLast(y) }
    return [try steps.quantized(y, scale: 3, like: 0)]
  }
}

/// QLinearConcat of ONNX Runtime: scale and zero point of the result, then (X, scale, zero point) for each part.
struct QLinearConcatOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("QLinearConcat")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.zero) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let count = steps.site.inputs.count
    guard count >= 5, (count - 2) % 3 == 0 else {
      throw steps.site.inputError(2, expected: "followed by its scale and zero point")
    }
    var parts: [Composition.Value?] = []
    for index in stride(from: 2, to: count, by: 3) { parts.append(try steps.dequantized(index)) }
    let y = try steps.add("Concat", parts, ["axis": .int(try steps.site.int("axis", default: 0))])
    return [try steps.quantized(y, scale: 0, like: 2)]
  }
}

/// QGemm of ONNX Runtime: alpha * op(A) op(B) + C of codes; float32 where no scale of the result is given.
///
/// Inputs: A, scale, zero point, B, scale(s), zero point(s) by column, C (int32), scale and zero point of the result.
struct QGemmOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("QGemm")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.uncounted("no count")) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let site = steps.site
    let (transA, transB) = (try site.flag("transA"), try site.flag("transB"))
    let a = try steps.dequantized(0)
    let b = try steps.dequantized(3, axis: transB ? 0 : 1)
    let alpha = try site.float("alpha", default: 1)
    var y = try steps.add(
      "Gemm", [a, b],
      ["transA": .int(transA ? 1 : 0), "transB": .int(transB ? 1 : 0), "alpha": .float(alpha)])
    if let c = steps.input(6) {
      let scale = try steps.add("Mul", [try steps.required(1), try steps.required(4)])
      let value = try steps.add("Cast", [c], ["to": .int(1)])
      let bias = try scaled(try steps.add("Mul", [value, scale]), by: alpha, &steps)
      y = try steps.add("Add", [y, bias])
    }
    return [try steps.input(7) == nil ? y : steps.quantized(y, scale: 7, like: 0)]
  }
}

/// MatMulIntegerToFloat of ONNX Runtime: A B of codes with their scales, as float32, plus a bias.
///
/// Inputs: A, B, scales of A and B, zero points of A and B, bias.
struct MatMulIntegerToFloatOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("MatMulIntegerToFloat")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.uncounted("no count")) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let product = try steps.add(
      "MatMulInteger", [try steps.required(0), try steps.required(1), steps.input(4), steps.input(5)])
    var y = try steps.add("Cast", [product], ["to": .int(1)])
    y = try steps.add("Mul", [y, try steps.required(2)])
    y = try steps.add("Mul", [y, try steps.required(3)])
    if let bias = steps.input(6) { y = try steps.add("Add", [y, bias]) }
    return [y]
  }
}

/// DynamicQuantizeMatMul of ONNX Runtime: A is quantized as it comes, B is codes with scale(s) and zero point(s).
///
/// Inputs: A (float32), B, scale, zero point, bias.
struct DynamicQuantizeMatMulOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("DynamicQuantizeMatMul")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.uncounted("no count")) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let a = try steps.add("DynamicQuantizeLinear", [try steps.required(0)], outputs: 3)
    let product = try steps.add("MatMulInteger", [a[0], try steps.required(1), a[2], steps.input(3)])
    var y = try steps.add("Cast", [product], ["to": .int(1)])
    y = try steps.add("Mul", [y, a[1]])
    y = try steps.add("Mul", [y, try steps.required(2)])
    if let bias = steps.input(4) { y = try steps.add("Add", [y, bias]) }
    return [y]
  }
}
