import Compression
import Execution
import GraphIR
import Kernels
import Operators
import Recipes
import TensorCore
import Testing

/// Every pointwise operator between two convolutions: it runs there in any layout, cut or whole, and channels are
/// pruned through it.
@Suite struct PointwiseOperatorTests {
  /// The kinds of the registry that are pointwise, a name and a domain each.
  static let kinds: [OperatorKind] = OperatorRegistry.standard.kinds.filter {
    let node = Node(name: "n", kind: $0, inputs: [], outputs: [])
    guard let member = try? OperatorRegistry.standard.find(node, opset: PointwiseNetwork.opset),
      case .pointwise = member.traits(of: $0).form
    else { return false }
    return true
  }.sorted { $0.description < $1.description }

  @Test("channels that feed a pointwise operator can be pruned", arguments: kinds)
  func prunes(kind: OperatorKind) throws {
    var network = try PointwiseNetwork(kind)
    let gone = [1, 6]
    // What the second layer does not read does not matter, whatever the operator makes of zero.
    network.zero("c1", axis: 0, gone)
    network.zero("c2", axis: 1, gone)
    let original = Model(graph: network.graph, metadata: Model.Metadata(fileName: "pointwise.onnx"))
    let settings = LayerSettings().with(\.prune, 0.25).with(\.pattern, .channels).with(
      \.allocation, .uniform)
    let compressed = try Compressor(model: original).compress(Recipe(model: settings)).model.graph
    #expect(compressed.initializers["c1.weight"]?.shape == [6, 3, 3, 3])
    #expect(compressed.initializers["c2.weight"]?.shape == [4, 6, 1, 1])
    let runner = ReferenceRunner(table: .for(.portable))
    let before = try #require(try runner.run(original.graph, inputs: network.data)["y"])
    let after = try #require(try runner.run(compressed, inputs: network.data)["y"])
    expectClose(after, before)
  }

  @Test("a pointwise operator runs in the layout of its neighbours", arguments: kinds)
  func plans(kind: OperatorKind) throws {
    let network = try PointwiseNetwork(kind)
    let relu = try PointwiseNetwork("Relu")
    let expected = try #require(
      try ReferenceRunner(table: .for(.portable)).run(network.graph, inputs: network.data)["y"])
    for threads in 1...2 {
      let options = PlanOptions(threads: threads)
      let plan = try ExecutionPlan(graph: network.graph, options: options)
      expectClose(try #require(try plan.run(network.data, in: plan.makeContext())["y"]), expected)
      let usual = try ExecutionPlan(graph: relu.graph, options: options)
      func turns(_ plan: ExecutionPlan) -> Int { plan.steps.count { $0.name.contains("Transpose") } }
      #expect(turns(plan) == turns(usual), "\(plan.steps.map(\.name))")
    }
  }

  private func expectClose(
    _ found: Tensor, _ expected: Tensor, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(found.shape == expected.shape, sourceLocation: sourceLocation)
    let largest = max(1, expected.floats.map(abs).max() ?? 0)
    let apart = zip(found.floats, expected.floats).map { abs($0 - $1) }.max() ?? 0
    #expect(apart <= 2e-5 * largest, "\(apart) of \(largest)", sourceLocation: sourceLocation)
  }
}

/// Conv -> operator -> Conv on [4, 3, 32, 32]. All that goes into the operator is a multiple of 1/4 and exact, so that a
/// step or a comparison falls to the same side however the first layer sums up.
struct PointwiseNetwork {
  static let opset = 26
  private(set) var graph: Graph
  let data: [String: Tensor]

  /// What the operator reads: numbers from -2 to 2, or brought into its domain, or Booleans, integers or codes.
  private enum Reads { case numbers, positive, aboveOne, belowOne, booleans, integers, codes }

  private static func reads(_ kind: OperatorKind) -> Reads {
    switch kind.type {
    case "Log", "Sqrt", "Reciprocal", "Pow": .positive
    case "Acosh": .aboveOne
    case "Asin", "Acos", "Atanh": .belowOne
    case "And", "Or", "Xor", "Not": .booleans
    case "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot", "BitShift": .integers
    case "DequantizeLinear": .codes
    default: .numbers
    }
  }

  /// Operands of one number for each channel, after the first.
  private static func more(_ kind: OperatorKind) -> Int {
    switch kind.type {
    case "Add", "Sub", "Mul", "Div", "Pow", "Mod", "PRelu", "Max", "Min", "Sum", "Mean", "And", "Or", "Xor",
      "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "BitwiseAnd", "BitwiseOr", "BitwiseXor",
      "BitShift":
      1
    case "BiasAdd", "BiasDropout": 2
    default: 0
    }
  }

  private static func attributes(_ kind: OperatorKind) -> [String: Attribute] {
    switch kind.type {
    case "Cast", "BitCast": ["to": .int(DataType.int32.onnxCode)]
    case "BitShift": ["direction": .string("LEFT")]
    case "ScaledTanh", "ParametricSoftplus": ["alpha": .float(1.5), "beta": .float(0.75)]
    case "Mod": ["fmod": .int(1)]
    default: [:]
    }
  }

  init(_ kind: OperatorKind) throws {
    var random = SeededGenerator(seed: 3)
    var weights: [String: Tensor] = [:]
    var nodes: [Node] = []
    func integers(_ dimensions: [Int], _ range: ClosedRange<Int>) -> Tensor {
      Tensor(shape: Shape(known: dimensions), of: Float.self) { values in
        for index in values.indices { values[index] = Float(Int.random(in: range, using: &random)) }
      }
    }
    func add(
      _ kind: OperatorKind, _ inputs: [String], _ attributes: [String: Attribute] = [:], named: String? = nil
    )
      -> String
    {
      let name = named ?? "n\(nodes.count)"
      nodes.append(
        Node(
          name: name, kind: kind, inputs: inputs, outputs: [named == "c2" ? "y" : "\(name):0"],
          attributes: attributes))
      return nodes[nodes.count - 1].outputs[0]
    }
    func constant(_ tensor: Tensor) -> String {
      weights["k\(weights.count)"] = tensor
      return "k\(weights.count - 1)"
    }
    func number(_ value: Float) -> String { constant(Tensor(scalar: value)) }
    func cast(_ value: String, _ type: DataType) -> String {
      add("Cast", [value], ["to": .int(type.onnxCode)])
    }

    weights["c1.weight"] = integers([8, 3, 3, 3], -1...1)
    weights["c1.bias"] = integers([8], -2...2)
    weights["c2.weight"] = integers([4, 8, 1, 1], -2...2)
    weights["c2.bias"] = integers([4], -2...2)
    var value = add(
      "Conv", ["x", "c1.weight", "c1.bias"], ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1])],
      named: "c1")
    value = add("Clip", [value, number(-8), number(8)])
    value = add("Mul", [value, number(0.25)])
    var channels = Tensor(shape: [8, 1, 1], of: Float.self) { values in
      for index in values.indices { values[index] = 0.5 + 0.25 * Float(index) }
    }
    let reads = Self.reads(kind)
    switch reads {
    case .numbers: break
    case .positive: value = add("Add", [add("Abs", [value]), number(0.5)])
    case .aboveOne: value = add("Add", [add("Abs", [value]), number(1.25)])
    case .belowOne: value = add("Mul", [value, number(0.25)])
    case .booleans: value = add("Greater", [value, number(0)])
    case .integers: value = cast(add("Add", [value, number(2)]), .uint8)
    case .codes: value = cast(add("Mul", [add("Add", [value, number(2)]), number(4)]), .uint8)
    }
    if reads == .booleans || reads == .integers {
      let isBool = reads == .booleans
      let bytes = (0..<8).map { UInt8(isBool ? $0 % 2 : $0) }
      let storage = TensorStorage(byteCount: 8) { $0.copyBytes(from: bytes) }
      channels = try Tensor(shape: [8, 1, 1], dataType: isBool ? .bool : .uint8, storage: storage)
    }
    var inputs = [value]
    switch kind.type {
    case "Where": inputs = [add("Greater", [value, number(0)]), value, constant(channels)]
    case "SwiGLU": inputs.append(add("Abs", [value]))
    case "CastLike": inputs.append(constant(try Tensor(shape: [1], [Int32(0)])))
    case "QuantizeLinear", "DequantizeLinear":
      inputs += [number(0.5), constant(Tensor(scalar: UInt8(128)))]
    default: inputs += (0..<Self.more(kind)).map { _ in constant(channels) }
    }
    value = add(kind, inputs, Self.attributes(kind), named: "op")
    value = cast(value, .float32)
    _ = add("Conv", [value, "c2.weight", "c2.bias"], ["kernel_shape": .ints([1, 1])], named: "c2")
    graph = Graph(
      name: "pointwise",
      inputs: [ValueInfo(name: "x", dataType: .float32, dimensions: [4, 3, 32, 32].map { .fixed($0) })],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)], nodes: nodes,
      initializers: weights.mapValues { .dense($0) }, opsets: ["": Self.opset, "com.microsoft": 1])
    data = ["x": integers([4, 3, 32, 32], -2...2)]
  }

  /// Makes some entries of a layer's weight zero, and of its bias where they are its outputs.
  mutating func zero(_ layer: String, axis: Int, _ channels: [Int]) {
    for part in axis == 0 ? ["weight", "bias"] : ["weight"] {
      guard case .dense(let tensor) = graph.initializers["\(layer).\(part)"] else { continue }
      let shape = tensor.shape
      let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
      let values = tensor.floats
      graph.initializers["\(layer).\(part)"] = .dense(
        Tensor(shape: shape, of: Float.self) { target in
          for index in target.indices {
            target[index] = channels.contains(index / inner % shape[axis]) ? 0 : values[index]
          }
        })
    }
  }
}
