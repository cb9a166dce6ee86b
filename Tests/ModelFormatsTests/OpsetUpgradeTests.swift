import GraphIR
import ModelFormats
import TensorCore
import Testing

@Suite("Old operator sets are brought to later ones, operator by operator")
struct OpsetUpgradeTests {
  /// Writes a model of operator set `opset` with `node` and a per-channel weight, which forces 13, and reads
  /// it back.
  private func upgraded(_ node: Node, opset: Int = 9, rank: Int = 4) throws -> Graph {
    let weight = try QuantizedTensor(
      shape: [1, 2], bits: .int8, axis: 1, scales: [1, 2], zeroPoints: [], codes: [1, 2])
    let graph = Graph(
      name: "g",
      inputs: [
        ValueInfo(name: "x", dataType: .float32, dimensions: (0..<rank).map { _ in .fixed(2) })
      ],
      outputs: [ValueInfo(name: node.outputs[0], dataType: .float32, dimensions: nil)],
      nodes: [node, Node(name: "force", kind: "MatMul", inputs: ["x", "w"], outputs: ["unused"])],
      initializers: ["w": .quantized(weight)], opsets: ["": opset])
    let model = Model(graph: graph, metadata: Model.Metadata(fileName: "m"))
    return try ONNXReader.read(bytes: ONNXWriter.bytes(model), file: "m").graph
  }

  private func node(_ kind: OperatorKind, _ attributes: [String: Attribute], outputs: [String] = ["y"])
    -> Node
  {
    Node(name: "n", kind: kind, inputs: ["x"], outputs: outputs, attributes: attributes)
  }

  private func input(_ index: Int, of node: Node, in graph: Graph) -> Tensor? {
    node.input(index).flatMap { graph.initializers[$0]?.tensor }
  }

  @Test(
    "lists of axes and parts become inputs",
    arguments: [
      ("Squeeze", "axes"), ("Unsqueeze", "axes"), ("ReduceSum", "axes"), ("Split", "split"),
    ])
  func lists(_ kind: String, _ attribute: String) throws {
    let graph = try upgraded(node(OperatorKind(kind), [attribute: .ints([1, 2]), "keepdims": .int(0)]))
    let node = graph.nodes[0]
    #expect(graph.opset == 13)
    #expect(node.attributes.keys.sorted() == ["keepdims"])
    #expect(input(1, of: node, in: graph)?.integers == [1, 2])
    #expect(input(1, of: node, in: graph)?.dataType == .int64)
  }

  @Test func clipBounds() throws {
    let graph = try upgraded(node("Clip", ["max": .float(6)]))
    #expect(graph.nodes[0].input(1) == nil)
    #expect(input(2, of: graph.nodes[0], in: graph)?.floats == [6])
    #expect(graph.nodes[0].attributes.isEmpty)
    #expect(try upgraded(node("Clip", [:])).nodes[0].inputs == ["x"])
  }

  @Test func pads() throws {
    let graph = try upgraded(
      node("Pad", ["pads": .ints([0, 1, 0, 1]), "value": .float(2), "mode": .string("constant")]))
    #expect(input(1, of: graph.nodes[0], in: graph)?.integers == [0, 1, 0, 1])
    #expect(input(2, of: graph.nodes[0], in: graph)?.floats == [2])
    #expect(graph.nodes[0].string("mode") == "constant")
  }

  @Test func slices() throws {
    let graph = try upgraded(node("Slice", ["starts": .ints([0]), "ends": .ints([1]), "axes": .ints([3])]))
    #expect((1...3).map { input($0, of: graph.nodes[0], in: graph)?.integers } == [[0], [1], [3]])
  }

  @Test func dropoutWithoutMask() throws {
    let graph = try upgraded(node("Dropout", ["ratio": .float(0.5)], outputs: ["y", "mask"]))
    #expect(graph.nodes[0].outputs == ["y"])
    #expect(graph.nodes[0].attributes.isEmpty)
  }

  @Test func batchNormalizationPerActivationIsRefused() throws {
    #expect(throws: FormatError.self) { try upgraded(node("BatchNormalization", ["spatial": .int(0)])) }
    #expect(try upgraded(node("BatchNormalization", ["spatial": .int(1)])).nodes[0].attributes.isEmpty)
  }

  @Test func upsampleBecomesResize() throws {
    let graph = try upgraded(
      node("Upsample", ["scales": .floats([1, 1, 2, 2]), "mode": .string("nearest")]), opset: 7)
    let resize = graph.nodes[0]
    #expect(resize.kind == "Resize")
    #expect(resize.input(1) == nil)
    #expect(input(2, of: resize, in: graph)?.floats == [1, 1, 2, 2])
    #expect(resize.string("coordinate_transformation_mode") == "asymmetric")
  }

  @Test func topKCount() throws {
    let graph = try upgraded(node("TopK", ["k": .int(3)], outputs: ["y", "indices"]))
    #expect(input(1, of: graph.nodes[0], in: graph)?.integers == [3])
  }

  @Test("softmax over the last axis stays one node, over an earlier one is flattened in the open")
  func softmax() throws {
    #expect(try upgraded(node("Softmax", [:]), rank: 2).nodes.map(\.kind).prefix(1) == ["Softmax"])
    #expect(try upgraded(node("Softmax", ["axis": .int(3)]), rank: 4).nodes[0].int("axis") == -1)
    let graph = try upgraded(node("Softmax", [:]), rank: 4)
    #expect(Set(graph.nodes.map(\.kind)).isSuperset(of: ["Shape", "Flatten", "Softmax", "Reshape"]))
    #expect(graph.nodes.first { $0.kind == "Flatten" }?.int("axis") == 1)
    #expect(graph.nodes.first { $0.kind == "Reshape" }?.outputs == ["y"])
  }

  @Test func experimentalOperatorsAreWrittenOut() throws {
    func numbers(_ kind: OperatorKind, _ attributes: [String: Attribute], _ kinds: [OperatorKind]) throws
      -> [[Float]]
    {
      let graph = try upgraded(node(kind, attributes))
      let nodes = graph.nodes.prefix(kinds.count)
      #expect(nodes.map(\.kind) == kinds && nodes.last?.outputs == ["y"] && nodes.first?.input(0) == "x")
      for (node, next) in zip(nodes, nodes.dropFirst()) { #expect(node.outputs[0] == next.input(0)) }
      return nodes.flatMap { node in
        node.inputs.dropFirst().compactMap { graph.initializers[$0]?.tensor.floats }
      }
    }
    let scales: [String: Attribute] = ["alpha": .float(2), "beta": .float(3)]
    #expect(try numbers("Affine", scales, ["Mul", "Add"]) == [[2], [3]])
    #expect(try numbers("Scale", ["scale": .float(2)], ["Mul"]) == [[2]])
    #expect(try numbers("ScaledTanh", scales, ["Mul", "Tanh", "Mul"]) == [[3], [2]])
    #expect(try numbers("ParametricSoftplus", scales, ["Mul", "Softplus", "Mul"]) == [[3], [2]])
    #expect(
      try numbers("ImageScaler", ["scale": .float(2), "bias": .floats([3, 4])], ["Mul", "Add"])
        == [[2], [3, 4]])
    let border: [String: Attribute] = ["border": .ints([1, 2, 0, 4])]
    let end = Float(Int32.max)
    #expect(try numbers("Crop", border, ["Slice"]) == [[2, 1], [-4, end], [2, 3]])
    let size = border.merging(["scale": .ints([5, 6])]) { $1 }
    #expect(try numbers("Crop", size, ["Slice"]) == [[2, 1], [7, 7], [2, 3]])
    #expect(throws: FormatError.self) { try upgraded(node("ScaledTanh", [:])) }
  }

  @Test func scanOverBatchesIsRefused() {
    let found = formatError { _ = try upgraded(node("Scan", [:]), opset: 8) }
    guard case .notUpgradable("n", "Scan", 8, 13, _)? = found else {
      Issue.record("a form that went away passed: \(found.map { "\($0)" } ?? "no error")")
      return
    }
  }

  @Test(
    "operators that no set changed stay as they are",
    arguments: [
      "Multinomial", "NonMaxSuppression", "RandomNormalLike", "ReverseSequence", "MaxUnpool", "Unique",
      "SequenceConstruct", "SplitToSequence", "StringNormalizer", "NegativeLogLikelihoodLoss",
    ])
  func unchanged(_ kind: String) throws {
    let node = node(OperatorKind(kind), [:])
    #expect(try upgraded(node, opset: 12).nodes[0].inputs == ["x"])
    #expect(try upgraded(node, opset: 12).nodes[0].attributes.isEmpty)
  }

  /// A node of operator set `from` as it is in `to`.
  private func lifted(_ node: Node, from: Int, to: Int) throws -> Graph {
    let graph = Graph(
      name: "g",
      inputs: [
        ValueInfo(name: "x", dataType: .float32, dimensions: [Dimension](repeating: .fixed(4), count: 4))
      ],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)], nodes: [node], initializers: [:],
      opsets: ["": from])
    return try StoredModel(Model(graph: graph, metadata: Model.Metadata(fileName: "m")), opset: to).model
      .graph
  }

  @Test("what becomes an input has the type of what it goes with")
  func typedBounds() throws {
    var graph = Graph(
      name: "g", inputs: [ValueInfo(name: "x", dataType: .float64, dimensions: [.fixed(4)])],
      outputs: [ValueInfo(name: "y", dataType: .float64, dimensions: nil)],
      nodes: [node("Clip", ["max": .float(6)])], initializers: [:], opsets: ["": 9])
    graph = try StoredModel(Model(graph: graph, metadata: Model.Metadata(fileName: "m")), opset: 13).model
      .graph
    #expect(input(2, of: graph.nodes[0], in: graph)?.dataType == .float64)
  }

  @Test("reductions take their axes as an input since 18")
  func reductions() throws {
    let graph = try lifted(node("ReduceMean", ["axes": .ints([2, 3])]), from: 13, to: 21)
    #expect(graph.nodes[0].attributes.isEmpty)
    #expect(input(1, of: graph.nodes[0], in: graph)?.integers == [2, 3])
    #expect(try lifted(node("ReduceMean", ["axes": .ints([2])]), from: 13, to: 17).nodes[0].inputs == ["x"])
  }

  @Test("equal parts have a number since 18")
  func parts() throws {
    let graph = try lifted(node("Split", [:], outputs: ["y", "z"]), from: 13, to: 18)
    #expect(graph.nodes[0].int("num_outputs") == 2)
  }

  @Test("what a default meant is said where the default changed")
  func defaults() throws {
    let align = Node(name: "n", kind: "RoiAlign", inputs: ["x", "r", "b"], outputs: ["y"])
    #expect(
      try lifted(align, from: 11, to: 16).nodes[0].string("coordinate_transformation_mode")
        == "output_half_pixel")
    let sample = Node(
      name: "n", kind: "GridSample", inputs: ["x", "g"], outputs: ["y"],
      attributes: ["mode": .string("bicubic")])
    #expect(try lifted(sample, from: 16, to: 20).nodes[0].string("mode") == "cubic")
    let transform = try lifted(node("DFT", [:]), from: 17, to: 20)
    #expect(input(2, of: transform.nodes[0], in: transform)?.integers == [1])
    #expect(transform.nodes[0].input(1) == nil)
  }

  @Test("scales of groups are repeated for the channels since 21")
  func groups() throws {
    let norm = Node(
      name: "n", kind: "GroupNormalization", inputs: ["x", "s", "b"], outputs: ["y"],
      attributes: ["num_groups": .int(2)])
    let graph = try lifted(norm, from: 18, to: 21)
    #expect(graph.nodes.filter { $0.kind == "Expand" }.count == 2)
    #expect(graph.nodes.last?.inputs.contains("s") == false)
  }

  @Test("what a pass wrote for a later set raises the model to it")
  func newerForms() throws {
    let product = Node(name: "n", kind: "Gemm", inputs: ["x", "w"], outputs: ["y"])
    func opset(_ node: Node, _ weight: Tensor, from: Int) throws -> Int {
      let graph = Graph(
        name: "g", inputs: [ValueInfo(name: "x", dataType: .float32, dimensions: [.fixed(2), .fixed(2)])],
        outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)], nodes: [node],
        initializers: ["w": .dense(weight)], opsets: ["": from])
      return try StoredModel(Model(graph: graph, metadata: Model.Metadata(fileName: "m"))).model.graph.opset
    }
    let floats = try Tensor(shape: [2, 2], [Float](repeating: 1, count: 4))
    let brain = try Tensor(shape: [2, 2], [BFloat16](repeating: BFloat16(1), count: 4))
    #expect(try opset(product, floats, from: 9) == 13)
    #expect(try opset(product, floats, from: 11) == 11)
    let matrix = Node(name: "n", kind: "MatMul", inputs: ["x", "w"], outputs: ["y"])
    #expect(try opset(matrix, brain, from: 9) == 13)
    #expect(try opset(matrix, floats, from: 9) == 9)
  }
}
