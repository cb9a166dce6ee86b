import GraphIR
import Operators
import TensorCore

/// What a rule may ask and add: new constants and names, ranks, and who reads a value.
struct OpsetUpgradeContext {
  let graph: Graph
  /// The operator set that is wanted.
  let target: Int
  var names: NameTable
  private(set) var constants: [String: Weight] = [:]
  private let kinds: GraphKinds
  private let producers: [String: Int]
  private let consumers: [String: [Int]]

  init(graph: Graph, target: Int, names: NameTable) {
    self.graph = graph
    self.target = target
    self.names = names
    kinds = GraphKinds(inferring: graph)
    producers = graph.producers
    consumers = graph.consumers
  }

  mutating func constant(_ values: [Int], for node: Node, _ what: String) -> String {
    let shape = Shape(known: [values.count])
    return add(
      Tensor(shape: shape, of: Int64.self) { for index in $0.indices { $0[index] = Int64(values[index]) } },
      node, what)
  }

  /// A number of the type of the node's first input.
  mutating func constant(_ value: Float, for node: Node, _ what: String) -> String {
    let type = node.input(0).flatMap { kinds[$0] }?.dataType ?? .float32
    let typed = try? Tensor(shape: [], floats: [value], as: type)
    return add(typed ?? Tensor(scalar: value), node, what)
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
      node: node.name, kind: node.kind.description, from: graph.opset, to: target, reason: reason)
  }
}
