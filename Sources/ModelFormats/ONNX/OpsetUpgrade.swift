import GraphIR
import TensorCore

/// Brings a graph of operator set 7 to 12 to 13, by one rule per operator whose meaning or form changed on
/// the way (https://github.com/onnx/onnx/blob/main/docs/Changelog.md).
enum OpsetUpgrade {
  static let target = 13

  /// - Throws: `FormatError.notUpgradable` for an operator without a rule, or a use that 13 cannot express.
  static func upgraded(_ graph: Graph) throws -> Graph {
    var names = NameTable(graph)
    return try upgraded(graph, names: &names)
  }

  private static func upgraded(_ graph: Graph, names: inout NameTable) throws -> Graph {
    var context = OpsetUpgradeContext(graph: graph, names: names)
    var nodes: [Node] = []
    for var node in graph.nodes {
      try node.mapBodies { try upgraded($0, names: &context.names) }
      if !node.kind.domain.isEmpty || unchanged.contains(node.kind.type) {
        nodes.append(node)
      } else if let rule = rules[node.kind.type] {
        nodes += try rule(node, &context)
      } else {
        throw context.refusal(node, "it has no rule for this operator")
      }
    }
    var result = graph
    result.nodes = nodes
    result.initializers.merge(context.constants) { _, new in new }
    result.opsets[""] = target
    names = context.names
    return result
  }

  typealias Rule = @Sendable (Node, inout OpsetUpgradeContext) throws -> [Node]

  static let rules: [String: Rule] = [
    "BatchNormalization": batchNormalization, "Clip": clip, "Dropout": dropout, "Hardmax": flattening,
    "LogSoftmax": flattening, "Pad": pad, "ReduceSum": axesToInput, "Resize": resize, "Scatter": scatter,
    "Slice": slice, "Softmax": flattening, "Split": split, "Squeeze": axesToInput, "TopK": topK,
    "Unsqueeze": axesToInput, "Upsample": resize,
    "Affine": affine, "Scale": scale, "ScaledTanh": scaledFunction, "ParametricSoftplus": scaledFunction,
    "ImageScaler": imageScaler, "Crop": crop,
  ]

  /// Operators that accept in 13 all that they accepted before, with the same meaning.
  static let unchanged: Set<String> = [
    "Abs", "Acos", "Acosh", "Add", "And", "ArgMax", "ArgMin", "Asin", "Asinh", "Atan", "Atanh", "AveragePool",
    "BitShift", "Cast", "Ceil", "Celu", "Compress", "Concat", "Constant", "ConstantOfShape", "Conv",
    "ConvInteger",
    "ConvTranspose", "Cos", "Cosh", "CumSum", "DepthToSpace", "DequantizeLinear", "Det", "Div",
    "DynamicQuantizeLinear", "Einsum", "Elu", "Equal", "Erf", "Exp", "Expand", "EyeLike", "Flatten", "Floor",
    "GRU",
    "Gather", "GatherElements", "GatherND", "Gemm", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool",
    "Greater",
    "GreaterOrEqual", "HardSigmoid", "Identity", "If", "InstanceNormalization", "IsInf", "IsNaN", "LRN",
    "LSTM",
    "LeakyRelu", "Less", "LessOrEqual", "Log", "Loop", "LpNormalization", "LpPool", "MatMul", "MatMulInteger",
    "Max",
    "MaxPool", "MaxRoiPool", "Mean", "MeanVarianceNormalization", "Min", "Mod", "Mul", "Neg", "NonZero",
    "Not",
    "OneHot", "Or", "PRelu", "Pow", "QLinearConv", "QLinearMatMul", "QuantizeLinear", "RNN", "Range",
    "Reciprocal",
    "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
    "ReduceProd",
    "ReduceSumSquare", "Relu", "Reshape", "Round", "ScatterElements", "ScatterND", "Selu", "Shape", "Shrink",
    "Sigmoid", "Sign", "Sin", "Sinh", "Size", "Softplus", "Softsign", "SpaceToDepth", "Sqrt", "Sub", "Sum",
    "Tan",
    "Tanh", "ThresholdedRelu", "Tile", "Transpose", "Where", "Xor",
  ]
}

/// What a rule may ask and add: new constants and names, ranks, and who reads a value.
struct OpsetUpgradeContext {
  let graph: Graph
  var names: NameTable
  private(set) var constants: [String: Weight] = [:]
  private let producers: [String: Int]
  private let consumers: [String: [Int]]

  init(graph: Graph, names: NameTable) {
    self.graph = graph
    self.names = names
    producers = graph.producers
    consumers = graph.consumers
  }

  mutating func constant(_ values: [Int], for node: Node, _ what: String) -> String {
    let shape = Shape(known: [values.count])
    return add(
      Tensor(shape: shape, of: Int64.self) { for index in $0.indices { $0[index] = Int64(values[index]) } },
      node, what)
  }

  mutating func constant(_ value: Float, for node: Node, _ what: String) -> String {
    add(Tensor(scalar: value), node, what)
  }

  /// A list, unless another shape is given.
  mutating func constant(_ values: [Float], shape: [Int]? = nil, for node: Node, _ what: String) -> String {
    let shape = Shape(known: shape ?? [values.count])
    return add(Tensor(shape: shape, of: Float.self) { _ = $0.update(fromContentsOf: values) }, node, what)
  }

  mutating func constant(_ tensor: Tensor, for node: Node, _ what: String) -> String {
    add(tensor, node, what)
  }

  private mutating func add(_ tensor: Tensor, _ node: Node, _ what: String) -> String {
    let name = names.fresh("\(node.name)_\(what)")
    constants[name] = .dense(tensor)
    return name
  }

  func isRead(_ value: String) -> Bool {
    consumers[value] != nil || graph.outputs.contains { $0.name == value }
  }

  /// The rank of a value, where a short look upwards tells it.
  func rank(of value: String) -> Int? {
    var value = value
    for _ in 0..<32 {
      if let input = graph.inputs.first(where: { $0.name == value }) { return input.dimensions?.count }
      if let weight = graph.initializers[value] { return weight.shape.rank }
      guard let index = producers[value] else { return nil }
      let node = graph.nodes[index]
      switch node.kind {
      case "Gemm", "Flatten": return 2
      case "GlobalAveragePool", "Conv", "MaxPool", "AveragePool", "BatchNormalization", "Relu", "Sigmoid",
        "Tanh",
        "Dropout", "Identity", "Clip", "LeakyRelu", "Elu", "Transpose", "Softmax", "Cast", "ConvTranspose",
        "LRN",
        "InstanceNormalization", "PRelu", "Selu", "Pad", "Concat", "Exp", "Log", "Sqrt", "Neg", "Abs":
        guard let next = node.input(0) else { return nil }
        value = next
      case "Add" where node.inputs.count == 2, "Mul" where node.inputs.count == 2:
        // A bias or factor is a constant of lower or equal rank in all but odd graphs; look past it.
        guard let next = node.inputs.first(where: { graph.initializers[$0] == nil }) else { return nil }
        if let other = node.inputs.first(where: { graph.initializers[$0] != nil }),
          let constant = graph.initializers[other], constant.shape.rank > 2
        {
          return nil
        }
        if node.inputs.allSatisfy({ graph.initializers[$0] == nil }) { return nil }
        value = next
      default: return nil
      }
    }
    return nil
  }

  func refusal(_ node: Node, _ reason: String) -> FormatError {
    .notUpgradable(
      node: node.name, kind: node.kind.description, from: graph.opset, to: OpsetUpgrade.target, reason: reason
    )
  }
}
