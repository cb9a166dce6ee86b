import GraphIR
import TensorCore

/// BiasGelu and FastGelu of ONNX Runtime: GELU, exact or by tanh, of a value to which a bias may be added first.
struct BiasGeluOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("BiasGelu"), .runtime("FastGelu")]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    let byTanh = kind.type == "FastGelu"
    return .pointwise(
      .all,
      .given { site, _ in
        let x = site.optionalInput(1) == nil ? DerivativeExpression.input(0) : .input(0) + .input(1)
        return UnaryFunction.geluGradient(x, .upstream, byTanh: byTanh)
      }, nanoseconds: 1.2)
  }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    var x = try steps.required(0)
    if let bias = steps.input(1) { x = try steps.add("Add", [x, bias]) }
    let form = steps.site.kind.type == "FastGelu" ? "tanh" : "none"
    return [try steps.add("Gelu", [x], ["approximate": .string(form)])]
  }
}

/// FusedMatMul of ONNX Runtime: alpha * op(A) op(B), where op may swap the last two axes, or move the first axis of a batch
/// behind the others.
struct FusedMatMulOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("FusedMatMul"), .runtime("TransposeMatMul")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .fused(.turnedProduct) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let site = steps.site
    let a = try turned(try steps.required(0), try site.flag("transA"), try site.flag("transBatchA"), &steps)
    let b = try turned(try steps.required(1), try site.flag("transB"), try site.flag("transBatchB"), &steps)
    let product = try steps.add("MatMul", [a, b])
    let alpha = try site.float("alpha", default: 1)
    if alpha == 1 { return [product] }
    return [try scaled(product, by: alpha, &steps)]
  }

  private func turned(
    _ value: Composition.Value, _ swaps: Bool, _ movesBatch: Bool, _ steps: inout Composition
  ) throws -> Composition.Value {
    let rank = try steps.type(of: value).shape.rank
    guard rank >= 2, swaps || movesBatch else { return value }
    var order = Array(0..<rank)
    // The batch that stands first goes in front of the last axis.
    if movesBatch, rank >= 3 { order.insert(order.removeFirst(), at: rank - 2) }
    if swaps { order.swapAt(rank - 1, rank - 2) }
    return try steps.add("Transpose", [value], ["perm": .ints(order)])
  }
}

/// A product with one number, in the value's own type.
func scaled(_ value: Composition.Value, by factor: Float, _ steps: inout Composition) throws
  -> Composition.Value
{
  let type = try steps.type(of: value).dataType
  return try steps.add(
    "Mul", [value, .constant(try Tensor(shape: [], floats: [factor], as: type))])
}

/// FusedConv and FusedGemm of ONNX Runtime: a layer with its activation; FusedConv may add a fourth input before it.
struct FusedLayerOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("FusedConv"), .runtime("FusedGemm")]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    .fused(kind.type == "FusedConv" ? .convolution() : .gemm)
  }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let site = steps.site
    let isConv = site.kind.type == "FusedConv"
    let own: Set<String> = [
      "activation", "activation_params", "activation_alpha", "activation_beta", "activation_gamma",
    ]
    let attributes = site.node.attributes.filter { !own.contains($0.key) }
    let inputs: [Composition.Value?] = [try steps.required(0), try steps.required(1), steps.input(2)]
    var y = try steps.add(isConv ? "Conv" : "Gemm", inputs, attributes)
    if isConv, let addend = steps.input(3) { y = try steps.add("Add", [y, addend]) }
    guard let name = site.node.string("activation") else { return [y] }
    var parameters = try site.floats("activation_params") ?? []
    if !isConv {
      for key in ["activation_alpha", "activation_beta"] where site.node.attributes[key] != nil {
        parameters.append(try site.float(key, default: 0))
      }
    }
    return [try activated(y, name, parameters, &steps)]
  }

  private func activated(
    _ y: Composition.Value, _ name: String, _ parameters: [Float], _ steps: inout Composition
  ) throws -> Composition.Value {
    func attributes(_ names: String...) -> [String: Attribute] {
      Dictionary(zip(names, parameters.map { Attribute.float($0) })) { first, _ in first }
    }
    switch name {
    case "Relu", "Sigmoid", "Tanh", "HardSwish", "Softplus": return try steps.add(OperatorKind(name), [y])
    case "LeakyRelu": return try steps.add("LeakyRelu", [y], attributes("alpha"))
    case "HardSigmoid": return try steps.add("HardSigmoid", [y], attributes("alpha", "beta"))
    case "Clip" where parameters.count == 2:
      let type = try steps.type(of: y).dataType
      let limits = try parameters.map {
        Composition.Value.constant(try Tensor(shape: [], floats: [$0], as: type))
      }
      return try steps.add("Clip", [y] + limits)
    default:
      throw steps.site.attributeError(
        "activation", expected: "Relu, Sigmoid, Tanh, HardSwish, Softplus, LeakyRelu, HardSigmoid or Clip",
        found: "\"\(name)\"")
    }
  }
}

/// SkipLayerNormalization and its form without centring, of ONNX Runtime: the normalized sum of two values and a bias. The
/// sum is the fourth output.
struct SkipLayerNormalizationOperator: CompositeOperator {
  let kinds: [OperatorKind] = [
    .runtime("SkipLayerNormalization"), .runtime("SkipSimplifiedLayerNormalization"),
  ]

  func traits(of kind: OperatorKind) -> OperatorTraits { .fused(.zero) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let isCentred = steps.site.kind.type == "SkipLayerNormalization"
    let bias = steps.input(isCentred ? 4 : 3)
    var sum = try steps.add("Add", [try steps.required(0), try steps.required(1)])
    if let bias { sum = try steps.add("Add", [sum, bias]) }
    let epsilon = Attribute.float(try steps.site.float("epsilon", default: 1e-12))
    let attributes: [String: Attribute] = ["epsilon": epsilon, "axis": .int(-1)]
    let y =
      isCentred
      ? try steps.add("LayerNormalization", [sum, try steps.required(2), steps.input(3)], attributes)
      : try steps.add("RMSNormalization", [sum, try steps.required(2)], attributes)
    if steps.site.node.outputs.count > 1 {
      for index in 1...2
      where steps.site.node.outputs.indices.contains(index) && !steps.site.node.outputs[index].isEmpty {
        throw OperatorError.outputs(
          kind: steps.site.kind, node: steps.site.node.name, expected: 1, found: index + 1)
      }
    }
    return [y, nil, nil, sum]
  }
}

/// EmbedLayerNormalization of ONNX Runtime: the normalized sum of word, position and segment embeddings; the second output
/// counts each sample's mask, the third is the sum.
struct EmbedLayerNormalizationOperator: CompositeOperator {
  let kinds: [OperatorKind] = [.runtime("EmbedLayerNormalization")]

  func traits(of kind: OperatorKind) -> OperatorTraits { .fused(.zero) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let ids = try steps.required(0)
    let shape = try steps.type(of: ids).shape
    guard shape.rank == 2 else { throw steps.site.inputError(0, expected: "of shape [batch, length]") }
    var sum = try steps.add("Gather", [try steps.required(2), ids])
    let places: Composition.Value
    if let given = steps.input(8) {
      places = given
    } else {
      places = .constant(try Tensor(shape: Shape([1, shape[1]]), (0..<shape[1]).map { Int64($0) }))
    }
    sum = try steps.add("Add", [sum, try steps.add("Gather", [try steps.required(3), places])])
    if let segments = steps.input(1), let table = steps.input(4) {
      sum = try steps.add("Add", [sum, try steps.add("Gather", [table, segments])])
    }
    let epsilon = Attribute.float(try steps.site.float("epsilon", default: 1e-12))
    let y = try steps.add(
      "LayerNormalization", [sum, try steps.required(5), try steps.required(6)], ["epsilon": epsilon])
    var mask = Composition.Value.constant(
      try Tensor(shape: Shape([shape[0]]), [Int32](repeating: 0, count: shape[0])))
    if let given = steps.input(7) {
      mask = try steps.add(
        "ReduceSum", [given, try Composition.integers([1])], ["keepdims": .int(0)])
    }
    return [y, mask, sum]
  }
}
