import GraphIR
import Gradients
import Operators
import TensorCore
import Testing

/// Gradient nodes against central differences in float64.
@Suite("Gradients")
struct GradientTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let nodes: [Node]
    /// Shapes of the values that are differentiated, x0, x1, ...
    let shapes: [[Int]]
    var lowest = -2.0
    var highest = 2.5
    var constants: [String: Tensor] = [:]
    var opset = 17
    var testDescription: String { "\(name), opset \(opset)" }

    init(
      _ name: String, _ shapes: [[Int]], lowest: Double = -2, constants: [String: Tensor] = [:],
      opset: Int = 17,
      _ nodes: [Node]
    ) {
      (self.name, self.shapes, self.lowest, self.constants) = (name, shapes, lowest, constants)
      (self.opset, self.nodes) = (opset, nodes)
    }

    init(
      _ kind: OperatorKind, _ shapes: [[Int]], lowest: Double = -2, more: [String] = [],
      constants: [String: Tensor] = [:], opset: Int = 17, _ attributes: [String: Attribute] = [:]
    ) {
      self.init(
        kind.type, shapes, lowest: lowest, constants: constants, opset: opset,
        [
          Node(
            name: "f", kind: kind, inputs: shapes.indices.map { "x\($0)" } + more, outputs: ["f"],
            attributes: attributes)
        ])
    }
  }

  static let cases: [Case] = [
    Case("Add", [[2, 3], [3]]), Case("Sub", [[3], [2, 1, 3]]), Case("Mul", [[2, 1, 3], [4, 1]]),
    Case("Div", [[2, 3], [2, 1]], lowest: 0.5), Case("Pow", [[2, 3], [3]], lowest: 0.5),
    Case("Sum", [[2, 3], [3], [1, 1]]), Case("Neg", [[4]]), Case("Identity", [[4]]), Case("Abs", [[7]]),
    Case("Exp", [[2, 2]]), Case("Log", [[5]], lowest: 0.3), Case("Sqrt", [[5]], lowest: 0.3),
    Case("Reciprocal", [[5]], lowest: 0.5), Case("Sin", [[3]]), Case("Cos", [[3]]), Case("Relu", [[9]]),
    Case("Sigmoid", [[5]]), Case("Tanh", [[5]]), Case("Softplus", [[5]]),
    Case("MatMul", [[3, 4], [4, 2]]), Case("MatMul", [[2, 1, 3, 4], [5, 4, 2]]), Case("MatMul", [[4], [4]]),
    Case("MatMul", [[4], [2, 4, 3]]), Case("MatMul", [[2, 3, 4], [4]]),
    Case("Gemm", [[3, 4], [4, 2], [2]], ["alpha": .float(0.5), "beta": .float(-2)]),
    Case("Gemm", [[4, 3], [4, 2], [3, 1]], ["transA": .int(1)]),
    Case("Gemm", [[3, 4], [2, 4]], ["transB": .int(1)]),
    Case("Gemm", [[4, 3], [2, 4]], ["transA": .int(1), "transB": .int(1), "alpha": .float(3)]),
    Case("Softmax", [[2, 3, 2]], ["axis": .int(1)]),
    Case("Softmax", [[2, 3, 2]], opset: 11, ["axis": .int(1)]),
    Case("LogSoftmax", [[2, 5]]),
    Case("ReduceSum", [[2, 3, 4]], more: ["axes"], constants: ["axes": list(1)], ["keepdims": .int(0)]),
    Case("ReduceSum", [[2, 3, 4]], opset: 11, ["axes": .ints([0, -1])]),
    Case("ReduceMean", [[2, 3, 4]], ["axes": .ints([0, 2]), "keepdims": .int(0)]),
    Case("ReduceMean", [[2, 3]]),
    Case("Reshape", [[2, 6]], more: ["to"], constants: ["to": list(3, 4)]),
    Case("Flatten", [[2, 3, 2]]), Case("Transpose", [[2, 3, 4]], ["perm": .ints([2, 0, 1])]),
    Case("Unsqueeze", [[2, 3]], more: ["at"], constants: ["at": list(1)]), Case("Squeeze", [[2, 1, 3]]),
    Case("Expand", [[3, 1]], more: ["to"], constants: ["to": list(2, 3, 4)]),
    Case("ImageScaler", [[2, 2, 1, 3]], opset: 9, ["scale": .float(-1.5), "bias": .floats([0.5, 2])]),
    Case("Crop", [[1, 2, 4, 3]], opset: 9, ["border": .ints([1, 0, 1, 2])]),
    Case("Crop", [[1, 2, 4, 3]], ["border": .ints([1, 2, 0, 0]), "scale": .ints([2, 1])]),
    Case(
      "a layer and its loss", [[4, 3], [3, 5], [5]],
      [
        Node(name: "p", kind: "MatMul", inputs: ["x0", "x1"], outputs: ["p"]),
        Node(name: "q", kind: "Add", inputs: ["p", "x2"], outputs: ["q"]),
        Node(name: "t", kind: "Tanh", inputs: ["q"], outputs: ["t"]),
        // The value is read twice, so that its gradients add up.
        Node(name: "m", kind: "Mul", inputs: ["t", "q"], outputs: ["m"]),
        Node(name: "f", kind: "ReduceMean", inputs: ["m"], outputs: ["f"]),
      ]),
  ]

  @Test("agree with central differences", arguments: cases + WalkedCases.all)
  func differences(item: Case) throws {
    var random = Numbers(state: 7)
    var inputs: [String: Tensor] = [:]
    for (index, shape) in item.shapes.enumerated() {
      let shape = try Shape(shape)
      inputs["x\(index)"] = try Tensor(
        shape: shape,
        (0..<shape.count).map { _ in item.lowest + random.unit() * (item.highest - item.lowest) })
    }
    // Weights make the gradient that comes from above other than ones.
    let plain = try graph(item, weights: nil, inputs)
    let result = try #require(try run(plain, inputs: inputs)["f"])
    let weights = try Tensor(
      shape: result.shape, (0..<result.count).map { _ in random.unit() * 2 - 1 })
    let whole = try graph(item, weights: weights, inputs)
    let found = try run(whole, inputs: inputs)
    let names = item.shapes.indices.map { "x\($0)" }
    for name in names {
      let gradient = try #require(found["d/\(name)"])
      let base = try #require(inputs[name])
      #expect(gradient.shape == base.shape && gradient.dataType == base.dataType)
      let values: [Double] = try gradient.withElements(of: Double.self) { Array($0) }
      let given: [Double] = try base.withElements(of: Double.self) { Array($0) }
      for place in given.indices {
        func sum(_ step: Double) throws -> Double {
          var moved = given
          moved[place] += step
          var fed = inputs
          fed[name] = try Tensor(shape: base.shape, moved)
          let y = try #require(try run(whole, inputs: fed)["y"])
          return try y.withElements(of: Double.self) { $0.reduce(0, +) }
        }
        let expected = (try sum(1e-5) - sum(-1e-5)) / 2e-5
        #expect(abs(values[place] - expected) < 1e-6 * max(1, abs(expected)), "\(name)[\(place)]")
      }
    }
  }

  /// The graph's outputs once its gradients are written out.
  private func run(_ graph: Graph, inputs: [String: Tensor]) throws -> [String: Tensor] {
    let plain = try GradientExpansion.expanded(
      graph, dimensions: ShapeInference.dimensions(of: graph, from: inputs))
    return try ReferenceRunner(table: .for(.portable)).run(plain, inputs: inputs)
  }

  private func graph(_ item: Case, weights: Tensor?, _ inputs: [String: Tensor]) throws -> Graph {
    let names = item.shapes.indices.map { "x\($0)" }
    var nodes = item.nodes
    var constants = item.constants.mapValues { Weight.dense($0) }
    var outputs = ["f"]
    if let weights {
      constants["weights"] = .dense(weights)
      nodes.append(Node(name: "y", kind: "Mul", inputs: ["f", "weights"], outputs: ["y"]))
      nodes.append(
        Node(
          name: "d", kind: GradientExpansion.kind, inputs: names, outputs: names.map { "d/\($0)" },
          attributes: ["xs": .strings(names), "y": .string("y")]))
      outputs = ["y"] + names.map { "d/\($0)" }
    }
    return Graph(
      name: "test",
      inputs: names.map { name in
        ValueInfo(
          name: name, dataType: .float64, dimensions: inputs[name]?.shape.dimensions.map { .fixed($0) })
      },
      outputs: outputs.map { ValueInfo(name: $0, dataType: .float64, dimensions: nil) }, nodes: nodes,
      initializers: constants, opsets: ["": item.opset, GradientExpansion.kind.domain: 1])
  }

  /// f = x^3, differentiated `Gradient` upon `Gradient`.
  private func cubic(_ more: [Node], outputs: [String]) -> Graph {
    Graph(
      name: "cubic",
      inputs: ["x", "u"].map { ValueInfo(name: $0, dataType: .float32, dimensions: [.symbolic("n")]) },
      outputs: outputs.map { ValueInfo(name: $0, dataType: .float32, dimensions: nil) },
      nodes: [
        Node(name: "s", kind: "Mul", inputs: ["x", "x"], outputs: ["s"]),
        Node(name: "f", kind: "Mul", inputs: ["s", "x"], outputs: ["f"]),
      ] + more, initializers: [:], opsets: ["": 17, GradientExpansion.kind.domain: 1])
  }

  private func gradient(
    _ y: String, _ output: String, of x: String = "x", zs: [String] = [], at inputs: [String]
  )
    -> Node
  {
    var attributes: [String: Attribute] = ["xs": .strings([x]), "y": .string(y)]
    if !zs.isEmpty { attributes["zs"] = .strings(zs) }
    return Node(
      name: output, kind: GradientExpansion.kind, inputs: inputs, outputs: [output], attributes: attributes)
  }

  @Test("of a gradient, at another value, and of what does not depend on x")
  func forms() throws {
    let graph = cubic(
      [
        // Stands before the gradient it needs; sorting is the graph's own matter.
        gradient("first", "second", at: ["x"]), gradient("f", "first", at: ["x"]),
        gradient("f", "elsewhere", at: ["u"]), gradient("s", "nothing", of: "u", at: ["u"]),
        gradient("f", "held", of: "x", zs: ["s"], at: ["x", "s"]),
      ], outputs: ["first", "second", "elsewhere", "nothing", "held"])
    let found = try run(
      graph,
      inputs: ["x": Tensor(shape: [2], [2, 3] as [Float]), "u": Tensor(shape: [2], [5, 1] as [Float])])
    #expect(found["first"]?.floats == [12, 27])
    #expect(found["second"]?.floats == [12, 18])
    #expect(found["elsewhere"]?.floats == [75, 3])
    #expect(found["nothing"]?.floats == [0, 0])
    // With s held, f = s x.
    #expect(found["held"]?.floats == [4, 9])
  }

  @Test("an operator without a rule is named")
  func unknown() throws {
    let graph = cubic(
      [
        Node(name: "odd", kind: "Hardmax", inputs: ["f"], outputs: ["e"]), gradient("e", "g", at: ["x"]),
      ], outputs: ["g"])
    #expect(throws: GradientError.noRule(kind: "Hardmax", node: "odd", gradient: "g")) {
      try run(
        graph, inputs: ["x": Tensor(shape: [1], [2] as [Float]), "u": Tensor(shape: [1], [5] as [Float])])
    }
    #expect(throws: OperatorError.self) {
      try GradientExpansion.expanded(
        cubic([gradient("nowhere", "g", at: ["x"])], outputs: []), dimensions: ["n": 1])
    }
    #expect(throws: OperatorError.self) {
      try GradientExpansion.expanded(cubic([gradient("f", "g", at: [])], outputs: []), dimensions: ["n": 1])
    }
  }
}

/// Seeded numbers between 0 and 1.
private struct Numbers {
  var state: UInt64

  mutating func unit() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) / Double(1 << 53)
  }
}

/// A list of int64.
private func list(_ values: Int...) -> Tensor {
  Tensor(shape: Shape(known: [values.count]), of: Int64.self) { memory in
    for index in memory.indices { memory[index] = Int64(values[index]) }
  }
}
