import GraphIR
import TensorCore

/// BiasAdd, BiasDropout, BiasSoftmax, BiasSplitGelu and GemmFastGelu of ONNX Runtime: a bias, and what follows it.
struct BiasOperator: CompositeOperator {
  let kinds: [OperatorKind] = [
    .runtime("BiasAdd"), .runtime("BiasDropout"), .runtime("BiasSoftmax"), .runtime("BiasSplitGelu"),
    .runtime("GemmFastGelu"),
  ]

  func traits(of kind: OperatorKind) -> OperatorTraits {
    switch kind.type {
    case "BiasAdd": .pointwise(.all, .given { _, _ in .upstream })
    case "BiasDropout":
      .pointwise(.only([0, 1, 2]), .given { _, place in place < 3 ? .upstream : nil })
    case "BiasSoftmax", "BiasSplitGelu": .fused(.zero)
    default: .fused(.product)
    }
  }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let site = steps.site
    let x = try steps.required(0)
    let rank = try steps.type(of: x).shape.rank
    switch site.kind.type {
    case "BiasAdd":
      let sum = try steps.add("Add", [x, try steps.required(1)])
      return [try steps.add("Add", [sum, try steps.required(2)])]
    case "BiasDropout":
      // Inference drops nothing.
      try site.expectOutputs(atMost: 1)
      let sum = try steps.add("Add", [x, try steps.required(1)])
      return [try steps.input(2).map { try steps.add("Add", [sum, $0]) } ?? sum]
    case "BiasSoftmax":
      let axis = try site.axis(try site.int("axis", default: 1), rank: rank)
      let sum = try steps.add("Add", [x, try self.bias(&steps, axis: axis, rank: rank)])
      // Everything from the axis on is one row.
      let flat = try steps.add("Flatten", [sum], ["axis": .int(axis)])
      let soft = try steps.add("Softmax", [flat], ["axis": .int(-1)])
      let shape = try steps.type(of: x).shape.dimensions
      return [try steps.add("Reshape", [soft, try Composition.integers(shape)], ["allowzero": .int(1)])]
    case "BiasSplitGelu":
      let sum = try steps.add("Add", [x, try steps.required(1)])
      let halves = try steps.add(
        "Split", [sum], ["axis": .int(-1), "num_outputs": .int(2)], outputs: 2)
      return [try steps.add("Mul", [halves[0], try steps.add("Gelu", [halves[1]])])]
    default:
      let product = try steps.add("MatMul", [x, try steps.required(1)])
      return [try steps.add(.runtime("FastGelu"), [product, steps.input(2)])]
    }
  }

  /// The bias repeats along the axes in front of `axis`, or with `is_inner_broadcast` 0 along the first ones only.
  private func bias(_ steps: inout Composition, axis: Int, rank: Int) throws -> Composition.Value {
    let bias = try steps.required(1)
    let (x, own) = (try steps.site.input(0).shape, try steps.site.input(1).shape)
    guard try !steps.site.flag("is_inner_broadcast", default: true), own.rank < rank else { return bias }
    // The bias counts the outer axes; its last rank - axis axes are those of the row.
    let row = rank - axis
    guard own.rank >= row else {
      throw steps.site.inputError(1, expected: "broadcastable to \(x)")
    }
    let outer = own.dimensions.dropLast(row)
    let ones = [Int](repeating: 1, count: rank - own.rank)
    return try steps.add(
      "Reshape", [bias, try Composition.integers(Array(outer) + ones + own.dimensions.suffix(row))])
  }
}

/// Trilu, GridSample, ExpandDims and Pad of ONNX Runtime, from before ONNX had them.
struct FormerOperator: CompositeOperator {
  let kinds: [OperatorKind] = [
    .runtime("Trilu"), .runtime("GridSample"), .runtime("ExpandDims"), .runtime("Pad"),
  ]

  func traits(of kind: OperatorKind) -> OperatorTraits { .structured(.zero) }

  func compose(_ steps: inout Composition) throws -> [Composition.Value?] {
    let site = steps.site
    var inputs = site.inputs.indices.map { steps.input($0) }
    var attributes = site.node.attributes
    switch site.kind.type {
    case "GridSample":
      // The modes were named as in PyTorch.
      let modes = ["bilinear": "linear", "bicubic": "cubic"]
      if case .string(let mode) = attributes["mode"] { attributes["mode"] = .string(modes[mode] ?? mode) }
      return [try steps.add("GridSample", inputs, attributes)]
    case "ExpandDims":
      let axis = try site.requiredConstant(1).integers
      return [try steps.add("Unsqueeze", [inputs[0], try Composition.integers(axis)])]
    case "Pad":
      if let pads = site.knownConstant(1) { inputs[1] = try Composition.integers(pads.integers) }
      return [try steps.add("Pad", inputs, attributes)]
    default: return [try steps.add("Trilu", inputs, attributes)]
    }
  }
}
