import Evaluation
import Execution
import GraphIR
import TensorCore
import Testing

/// What the ends of graphs, as exporters write them, are taken for.
@Suite struct OutputKindTests {
  private static func weight(_ shape: Shape) -> Weight {
    .dense(Tensor(shape: shape, of: Float.self) { $0.update(repeating: 0.1) })
  }

  /// A model x -> y of some nodes, with constants by name and shape.
  static func graph(
    _ x: [Int], _ nodes: [Node], _ constants: [String: Shape], output: String = "y", opset: Int = 17
  ) -> Graph {
    Graph(
      name: "g",
      inputs: [
        ValueInfo(name: "x", dataType: .float32, dimensions: [.symbolic("N")] + x.map { Dimension.fixed($0) })
      ], outputs: [ValueInfo(name: output, dataType: .float32, dimensions: nil)], nodes: nodes,
      initializers: constants.mapValues(weight), opsets: ["": opset])
  }

  static func node(
    _ kind: OperatorKind, _ inputs: [String], _ output: String, _ attributes: [String: Attribute] = [:]
  )
    -> Node
  {
    Node(name: output, kind: kind, inputs: inputs, outputs: [output], attributes: attributes)
  }

  private func kind(_ graph: Graph) throws -> OutputKind {
    let plan = try ModelPlan(graph: graph)
    let name = graph.outputs[0].name
    let axes = SampleAxes(finding: graph)
    let layout = try OutputLayout.of(name, in: plan, single: plan, axes)
    let type = try #require(plan.outputs.first { $0.name == name }?.type)
    return OutputKindFinder(graph, inputs: plan.inputs).kind(of: name, type, layout)
  }

  private static let pads: [String: Attribute] = ["pads": .ints([1, 1, 1, 1])]

  @Test func aDenseLayersRowIsClasses() throws {
    let graph = Self.graph([8], [Self.node("MatMul", ["x", "w"], "y")], ["w": [8, 5]])
    #expect(try kind(graph) == .classes)
    let single = Self.graph([8], [Self.node("MatMul", ["x", "w"], "y")], ["w": [8, 1]])
    #expect(try kind(single) == .values)
    let softmax = Self.graph(
      [8], [Self.node("MatMul", ["x", "w"], "h"), Self.node("Softmax", ["h"], "y")], ["w": [8, 5]])
    #expect(try kind(softmax) == .classes)
  }

  @Test func colourPicturesAreValuesAndManyChannelsAMask() throws {
    func conv(_ channels: Int) -> Graph {
      Self.graph(
        [3, 8, 8], [Self.node("Conv", ["x", "w"], "y", Self.pads)], ["w": Shape(known: [channels, 3, 3, 3])])
    }
    #expect(try kind(conv(3)) == .values)
    #expect(try kind(conv(1)) == .values)
    #expect(try kind(conv(5)) == .mask(axis: 0))
    // Pixels shuffled out of channels are a picture.
    let shuffled = Self.graph(
      [3, 8, 8],
      [
        Self.node("Conv", ["x", "w"], "h", Self.pads),
        Self.node("DepthToSpace", ["h"], "y", ["blocksize": .int(2)]),
      ], ["w": [20, 3, 3, 3]])
    #expect(try kind(shuffled) == .values)
    // A coarse map of features is no mask.
    let coarse = Self.graph(
      [3, 32, 32], [Self.node("Conv", ["x", "w"], "y", ["strides": .ints([16, 16])])], ["w": [40, 3, 3, 3]])
    #expect(try kind(coarse) == .values)
  }

  @Test func theAxisOfASoftmaxIsFollowedThroughATranspose() throws {
    let graph = Self.graph(
      [3, 8, 8],
      [
        Self.node("Conv", ["x", "w"], "h", Self.pads), Self.node("Softmax", ["h"], "p", ["axis": .int(1)]),
        Self.node("Transpose", ["p"], "y", ["perm": .ints([0, 2, 3, 1])]),
      ], ["w": [3, 3, 3, 3]])
    #expect(try kind(graph) == .mask(axis: 2))
  }

  @Test func tokensAreScoredAtEachPosition() throws {
    let graph = Self.graph([6, 8], [Self.node("MatMul", ["x", "w"], "y")], ["w": [8, 11]])
    #expect(try kind(graph) == .positions(axis: 1))
  }

  @Test func normalizedVectorsAreEmbeddings() throws {
    let layer = Self.graph(
      [6, 16], [Self.node("LayerNormalization", ["x", "s", "b"], "y")], ["s": [16], "b": [16]])
    #expect(try kind(layer) == .embedding)
    // The same written out, as exporters of older operator sets have it.
    let written = Self.graph(
      [6, 16],
      [
        Self.node("ReduceMean", ["x"], "m", ["axes": .ints([-1])]), Self.node("Sub", ["x", "m"], "d"),
        Self.node("Mul", ["d", "d"], "q"), Self.node("ReduceMean", ["q"], "v", ["axes": .ints([-1])]),
        Self.node("Add", ["v", "e"], "ve"), Self.node("Sqrt", ["ve"], "r"),
        Self.node("Div", ["d", "r"], "n"),
        Self.node("Mul", ["n", "s"], "z"), Self.node("Add", ["z", "b"], "last_hidden_state"),
      ], ["e": [1], "s": [16], "b": [16]], output: "last_hidden_state", opset: 13)
    #expect(try kind(written) == .embedding)
    let unit = Self.graph(
      [16],
      [
        Self.node("MatMul", ["x", "w"], "h"), Self.node("ReduceL2", ["h"], "l", ["axes": .ints([1])]),
        Self.node("Div", ["h", "l"], "y"),
      ], ["w": [16, 12]], opset: 13)
    #expect(try kind(unit) == .embedding)
    let pooled = Self.graph(
      [4, 8, 8],
      [
        Self.node("Relu", ["x"], "r"), Self.node("GlobalAveragePool", ["r"], "p"),
        Self.node("Flatten", ["p"], "y"),
      ],
      [:])
    #expect(try kind(pooled) == .embedding)
  }

  @Test func aSoftmaxWrittenOutScoresClasses() throws {
    let written = Self.graph(
      [8],
      [
        Self.node("MatMul", ["x", "w"], "h"), Self.node("Exp", ["h"], "e"),
        Self.node("ReduceSum", ["e"], "s", ["axes": .ints([1])]), Self.node("Div", ["e", "s"], "y"),
      ], ["w": [8, 12]], opset: 12)
    #expect(try kind(written) == .classes)
  }

  @Test func sigmoidsAreFlagsAndIntegersNumbers() throws {
    let flags = Self.graph(
      [8], [Self.node("MatMul", ["x", "w"], "h"), Self.node("Sigmoid", ["h"], "y")], ["w": [8, 6]])
    #expect(try kind(flags) == .flags(threshold: 0.5))
    let numbers = Self.graph(
      [6, 8], [Self.node("MatMul", ["x", "w"], "h"), Self.node("ArgMax", ["h"], "y", ["axis": .int(-1)])],
      ["w": [8, 6]])
    #expect(try kind(numbers) == .numbers)
  }

  @Test func statesAreKnownByTheirNames() {
    func graph(_ inputs: [String], _ outputs: [String]) -> Graph {
      func values(_ names: [String]) -> [ValueInfo] {
        names.map { ValueInfo(name: $0, dataType: .float32, dimensions: [.fixed(2), .fixed(1), .fixed(64)]) }
      }
      return Graph(
        name: "g", inputs: values(inputs), outputs: values(outputs), nodes: [], initializers: [:],
        opsets: ["": 17])
    }
    #expect(CarriedStates(graph(["input", "state"], ["output", "stateN"])).outputs == ["state": "stateN"])
    #expect(CarriedStates(graph(["x", "h", "c"], ["y", "hn", "cn"])).outputs == ["h": "hn", "c": "cn"])
    #expect(
      CarriedStates(graph(["x", "h0", "c0"], ["y", "h_n", "c_n"])).outputs == ["h0": "h_n", "c0": "c_n"])
    #expect(CarriedStates(graph(["a_in", "x"], ["y", "a_out"])).outputs == ["a_in": "a_out"])
    #expect(CarriedStates(graph(["left", "right"], ["sum"])).isEmpty)
  }
}
