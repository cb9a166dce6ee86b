import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

@Suite("Nested graphs")
struct ControlFlowTests {
  private let runner = ReferenceRunner(table: .for(.portable))

  private func info(_ name: String, _ type: DataType = .float32, _ dimensions: [Int] = []) -> ValueInfo {
    ValueInfo(name: name, dataType: type, dimensions: dimensions.map { .fixed($0) })
  }

  private func graph(_ nodes: [Node], inputs: [ValueInfo] = [], outputs: [ValueInfo]) -> Graph {
    Graph(name: "g", inputs: inputs, outputs: outputs, nodes: nodes, initializers: [:], opsets: ["": 21])
  }

  @Test("a branch sees the values around it, two graphs deep")
  func branches() throws {
    let inner = graph(
      [Node(name: "neg", kind: "Neg", inputs: ["x"], outputs: ["n"])], outputs: [info("n", .float32, [2])])
    let same = graph(
      [Node(name: "id", kind: "Identity", inputs: ["x"], outputs: ["i"])],
      outputs: [info("i", .float32, [2])])
    let outer = graph(
      [
        Node(
          name: "inner", kind: "If", inputs: ["c"], outputs: ["z"],
          attributes: ["then_branch": .graph(inner), "else_branch": .graph(same)])
      ], outputs: [info("z", .float32, [2])])
    let model = graph(
      [
        Node(
          name: "if", kind: "If", inputs: ["c"], outputs: ["y"],
          attributes: ["then_branch": .graph(outer), "else_branch": .graph(same)])
      ], inputs: [info("c", .bool), info("x", .float32, [2])], outputs: [info("y", .float32, [2])])
    let x = try Tensor(shape: [2], [Float(1), -2])
    #expect(try runner.run(model, inputs: ["c": Tensor(scalar: true), "x": x])["y"]?.floats == [-1, 2])
    #expect(try runner.run(model, inputs: ["c": Tensor(scalar: false), "x": x])["y"]?.floats == [1, -2])
  }

  private func loop(_ bodyOutputs: [String]) -> Graph {
    let body = graph(
      [
        Node(name: "add", kind: "Add", inputs: ["sum", "x"], outputs: ["next"]),
        Node(name: "less", kind: "Less", inputs: ["next", "limit"], outputs: ["more"]),
        Node(name: "copy", kind: "Identity", inputs: ["next"], outputs: ["seen"]),
      ], inputs: [info("i", .int64), info("go", .bool), info("sum")],
      outputs: bodyOutputs.map { info($0, $0 == "more" ? .bool : .float32) })
    return graph(
      [
        Node(
          name: "loop", kind: "Loop", inputs: ["m", "", "x"], outputs: ["total", "all"],
          attributes: ["body": .graph(body)])
      ], inputs: [info("m", .int64), info("x"), info("limit")], outputs: [info("total"), info("all")])
  }

  @Test("a loop ends by its count or its condition, and stacks what it saw")
  func loops() throws {
    func run(_ count: Int64, _ limit: Float) throws -> [String: Tensor] {
      try runner.run(
        loop(["more", "next", "seen"]),
        inputs: [
          "m": Tensor(scalar: count), "x": Tensor(scalar: Float(1)), "limit": Tensor(scalar: limit),
        ])
    }
    #expect(try run(3, 100)["all"]?.floats == [2, 3, 4])
    #expect(try run(30, 3)["total"]?.floats == [3])
    let none = try run(0, 3)
    #expect(none["total"]?.floats == [1] && none["all"]?.shape == [0])
  }

  @Test("a body with too few outputs is refused by name")
  func misfit() {
    #expect(
      throws: OperatorError.nestedGraph(
        kind: "Loop", node: "loop", name: "body", expected: "3 inputs and at least 2 outputs",
        found: "3 and 1")
    ) {
      try runner.run(
        loop(["more"]),
        inputs: [
          "m": Tensor(scalar: Int64(1)), "x": Tensor(scalar: Float(1)), "limit": Tensor(scalar: Float(1)),
        ])
    }
  }

  @Test("sequences are built, changed and joined again, texts among them")
  func sequences() throws {
    let model = graph(
      [
        Node(
          name: "split", kind: "SplitToSequence", inputs: ["x"], outputs: ["s"],
          attributes: ["keepdims": .int(1)]),
        Node(name: "at", kind: "SequenceAt", inputs: ["s", "place"], outputs: ["e"]),
        Node(name: "insert", kind: "SequenceInsert", inputs: ["s", "e"], outputs: ["t"]),
        Node(
          name: "join", kind: "ConcatFromSequence", inputs: ["t"], outputs: ["y"],
          attributes: ["axis": .int(0)]),
      ], inputs: [info("x", .string, [3]), info("place", .int64)], outputs: [info("y", .string, [4])])
    let x = try Tensor(shape: [3], strings: ["one", "two", "three"])
    let result = try runner.run(model, inputs: ["x": x, "place": Tensor(scalar: Int64(-2))])["y"]
    #expect(result?.strings == ["one", "two", "three", "two"])
    #expect(throws: OperatorError.index(kind: "SequenceAt", node: "at", found: 7, limit: 3)) {
      try runner.run(model, inputs: ["x": x, "place": Tensor(scalar: Int64(7))])
    }
  }

  @Test("inference lists what only a run can tell, and folds what it can")
  func unknown() throws {
    var model = graph(
      [
        Node(name: "find", kind: "NonZero", inputs: ["x"], outputs: ["p"]),
        Node(name: "turn", kind: "Transpose", inputs: ["p"], outputs: ["q"]),
        Node(name: "neg", kind: "Neg", inputs: ["x"], outputs: ["n"]),
      ], inputs: [info("x", .float32, [3])], outputs: [info("q", .int64), info("n")])
    #expect(throws: OperatorError.knownWhenRun(kind: "NonZero", node: "find")) {
      try ShapeInference.inferTypes(graph: model, dimensions: [:])
    }
    let known = try ShapeInference.inferTypes(graph: model, dimensions: [:], allowsUnknown: true)
    #expect(known.unknown == ["p", "q"] && known.types["n"]?.shape == [3])
    model.inputs = []
    model.initializers["x"] = .dense(try Tensor(shape: [3], [Float(0), 5, 7]))
    #expect(try ShapeInference.inferTypes(graph: model, dimensions: [:]).constants["q"]?.integers == [1, 2])
  }
}
