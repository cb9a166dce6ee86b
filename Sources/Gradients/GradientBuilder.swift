import GraphIR
import Operators
import TensorCore

/// Adds the nodes of a gradient to a graph, and knows the type of every value they give.
struct GradientBuilder {
  private var graph: Graph
  /// The nodes that are there already, in topological order.
  private let ready: [Node]
  private var types: [String: TensorType]
  private var constants: [String: Tensor]
  private let gradient: Node
  let registry: OperatorRegistry
  private var names: NameTable

  init(_ graph: Graph, ready: Graph, known: InferredTypes, gradient: Node, registry: OperatorRegistry) {
    self.graph = graph
    self.ready = ready.nodes
    types = known.types
    constants = known.constants
    self.gradient = gradient
    self.registry = registry
    names = NameTable(graph)
    names.take(known.types.keys)
    names.take(gradient.outputs)
  }

  var opset: Int { graph.opset }

  func finished() throws -> Graph { try graph.sorted() }

  // MARK: The function

  /// The nodes from `names` to `y`, in order, where the values at `names` are those at `fed`.
  ///
  /// - Returns: the name of y there, which is one of `fed` where y is one of `names`.
  mutating func function(of y: String, from names: [String], fedBy fed: [String]) throws -> (
    nodes: [Node], y: String
  ) {
    let stops = Set(names)
    var wanted: Set<String> = stops.contains(y) ? [] : [y]
    var nodes: [Node] = []
    for node in ready.reversed() where !wanted.isDisjoint(with: node.outputs) {
      nodes.append(node)
      wanted.formUnion(node.reads.subtracting(stops))
    }
    nodes.reverse()
    if names == fed { return (nodes, y) }
    // On other values the nodes are run anew, those apart from them excepted.
    var renamed = Dictionary(zip(names, fed)) { first, _ in first }
    var copies: [Node] = []
    for node in nodes {
      guard !node.reads.isDisjoint(with: renamed.keys) else { continue }
      let inputs = node.inputs.map { renamed[$0] ?? $0 }
      let outputs = try add(node.kind, inputs, node.attributes, outputs: node.outputs.count)
      for (old, new) in zip(node.outputs, outputs) where !old.isEmpty { renamed[old] = new }
      if let copy = graph.nodes.last { copies.append(copy) }
    }
    return (copies, renamed[y] ?? y)
  }

  // MARK: Adding

  func type(of value: String) throws -> TensorType {
    guard let type = types[value] else {
      throw OperatorError.undefinedValue(name: value, node: gradient.name)
    }
    return type
  }

  func knownConstant(_ value: String) -> Tensor? { constants[value] }

  func shape(of value: String) throws -> Shape { try type(of: value).shape }

  /// Adds a node and returns its first output.
  mutating func add(
    _ kind: OperatorKind, _ inputs: [String], _ attributes: [String: Attribute] = [:]
  ) throws -> String {
    try add(kind, inputs, attributes, outputs: 1)[0]
  }

  mutating func add(
    _ kind: OperatorKind, _ inputs: [String], _ attributes: [String: Attribute], outputs: Int
  ) throws -> [String] {
    let name = names.fresh("\(gradient.name)/\(kind.type)")
    let node = Node(
      name: name, kind: kind, inputs: inputs,
      outputs: (0..<outputs).map { _ in names.fresh("\(name)/value") },
      attributes: attributes)
    let site = OperatorSite(
      node: node, opset: graph.opset(of: kind),
      inputs: try inputs.map { $0.isEmpty ? nil : try type(of: $0) },
      constants: inputs.map { constants[$0] })
    let found = try registry.find(node, opset: site.opset).infer(site)
    guard found.count >= outputs else {
      throw OperatorError.outputs(kind: kind, node: name, expected: found.count, found: outputs)
    }
    try site.checkSizes(Array(found.prefix(outputs)))
    for (output, type) in zip(node.outputs, found) { types[output] = type }
    graph.nodes.append(node)
    return node.outputs
  }

  /// Gives a value the name of one of the Gradient node's outputs.
  mutating func name(_ value: String, _ output: String) throws {
    types[output] = try type(of: value)
    graph.nodes.append(
      Node(
        name: names.fresh("\(gradient.name)/\(output)"), kind: "Identity", inputs: [value], outputs: [output])
    )
  }

  // MARK: Constants

  mutating func constant(_ tensor: Tensor, _ stem: String) -> String {
    let name = names.fresh("\(gradient.name)/\(stem)")
    graph.initializers[name] = .dense(tensor)
    constants[name] = tensor
    types[name] = TensorType(tensor.dataType, tensor.shape)
    return name
  }

  mutating func integers(_ values: [Int], _ stem: String) throws -> String {
    constant(try Tensor(shape: Shape([values.count]), values.map { Int64($0) }), stem)
  }

  /// One number of the type of `value`.
  mutating func scalar(_ number: Double, like value: String) throws -> String {
    let type = try type(of: value).dataType
    let tensor =
      type == .float64 ? Tensor(scalar: number) : try Tensor(shape: [], floats: [Float(number)], as: type)
    return constant(tensor, "number")
  }

  mutating func ones(like value: String) throws -> String { try filled(1, like: value) }
  mutating func zeros(like value: String) throws -> String { try filled(0, like: value) }

  private mutating func filled(_ number: Double, like value: String) throws -> String {
    try expanded(try scalar(number, like: value), to: try shape(of: value))
  }

  // MARK: Steps that many rules take

  mutating func expanded(_ value: String, to shape: Shape) throws -> String {
    if try self.shape(of: value) == shape { return value }
    return try add("Expand", [value, try integers(shape.dimensions, "shape")])
  }

  mutating func reshaped(_ value: String, to shape: Shape) throws -> String {
    if try self.shape(of: value) == shape { return value }
    // A zero would stand for the input's own dimension; nothing is lost, as both are without elements.
    return try add("Reshape", [value, try integers(shape.dimensions, "shape")])
  }

  /// A sum over axes, which stay as 1.
  mutating func sum(_ value: String, over axes: [Int]) throws -> String {
    if axes.isEmpty { return value }
    if opset < 13 { return try add("ReduceSum", [value], ["axes": .ints(axes), "keepdims": .int(1)]) }
    return try add("ReduceSum", [value, try integers(axes, "axes")], ["keepdims": .int(1)])
  }

  /// The gradient of a value from that of what it was broadcast to: the sum over what was repeated.
  mutating func unbroadcast(_ gradient: String, to shape: Shape) throws -> String {
    let from = try self.shape(of: gradient)
    let lead = from.rank - shape.rank
    let axes = from.dimensions.indices.filter { $0 < lead || shape[$0 - lead] == 1 && from[$0] != 1 }
    return try reshaped(try sum(gradient, over: axes), to: shape)
  }

  mutating func swappingLastAxes(_ value: String) throws -> String {
    var order = Array(0..<(try shape(of: value).rank))
    order.swapAt(order.count - 1, order.count - 2)
    return try add("Transpose", [value], ["perm": .ints(order)])
  }
}
