import GraphIR
import TensorCore

/// QLinearWhere of ONNX Runtime: a choice between codes with scales of their own, as codes.
///
/// Inputs: condition, X, its scale and zero point, Y, its scale and zero point, scale and zero point of the result.
struct QLinearWhereOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("QLinearWhere")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.zero) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let (x, y) = (try steps.dequantized(1), try steps.dequantized(4))
    let chosen = try steps.add("Where", [try steps.required(0), x, y])
    return [try steps.quantized(chosen, scale: 7, like: 1)]
  }
}

/// QLinearReduceMean of ONNX Runtime: the mean of codes over some axes, as codes.
struct QLinearReduceMeanOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("QLinearReduceMean")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.zero) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let x = try steps.dequantized(0)
    let axes = try steps.site.ints("axes").map { try Composition.integers($0) }
    let keeps = try steps.site.flag("keepdims", default: true)
    let mean = try steps.add("ReduceMean", [x, axes], ["keepdims": .int(keeps ? 1 : 0)])
    return [try steps.quantized(mean, scale: 3, like: 0)]
  }
}

/// QAttention of ONNX Runtime: Attention whose packed product is one of codes.
///
/// Inputs: X, weights [hidden, 3 * hidden], bias (float32), scales of X and of the weights, mask, zero points of X and of the
/// weights, past. The scale of the weights is one for all or one per column.
struct QAttentionOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("QAttention")]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .codes(.uncounted("no count of its product and attention together"))
  }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let sums = try steps.add(
      "MatMulInteger", [try steps.required(0), try steps.required(1), steps.input(6), steps.input(7)])
    let scale = try steps.add("Mul", [try steps.required(3), try steps.required(4)])
    let product = try steps.add("Mul", [try steps.add("Cast", [sums], ["to": .int(1)]), scale])
    return try steps.packedAttention(
      try steps.add("Add", [product, try steps.required(2)]), mask: 5, past: 8, bias: nil)
  }
}

/// DynamicQuantizeLSTM of ONNX Runtime: an LSTM whose weights are codes [directions, inputs, 4 * hidden], with a scale and
/// zero point per direction or column.
///
/// ONNX Runtime also rounds the input and the state of every step to 8 bits, in ranges of the moment; here they stay
/// float32, so results differ by that rounding.
struct DynamicQuantizeLSTMOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("DynamicQuantizeLSTM")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .codes(.uncounted("no count")) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let w = try weights(&steps, 1, scale: 8)
    let r = try weights(&steps, 2, scale: 10)
    let others = (3...7).map { steps.input($0) }
    let results = try steps.add(
      "LSTM", [try steps.required(0), w, r] + others, steps.site.node.attributes, outputs: 3)
    return results
  }

  /// [directions, 4 * hidden, inputs], as LSTM wants it.
  private func weights(_ steps: inout Composition, _ index: Int, scale: Int) throws -> Composition.Value {
    let shape = try steps.site.input(index, of: DataType.codes).shape
    guard shape.rank == 3 else {
      throw steps.site.inputError(index, expected: "of shape [directions, inputs, 4 * hidden]")
    }
    func columns(_ place: Int) throws -> Composition.Value {
      let count = try steps.site.input(place).shape.count
      guard count == shape[0] || count == shape[0] * shape[2] else {
        throw steps.site.inputError(place, expected: "of \(shape[0]) or \(shape[0] * shape[2]) values")
      }
      return try steps.add(
        "Reshape",
        [
          try steps.required(place),
          try Composition.integers([shape[0], 1, count == shape[0] ? 1 : shape[2]]),
        ])
    }
    var values = try steps.add("Cast", [try steps.required(index)], ["to": .int(1)])
    if steps.input(scale + 1) != nil {
      values = try steps.add(
        "Sub", [values, try steps.add("Cast", [try columns(scale + 1)], ["to": .int(1)])])
    }
    let scaled = try steps.add("Mul", [values, try columns(scale)])
    return try steps.add("Transpose", [scaled], ["perm": .ints([0, 2, 1])])
  }
}
