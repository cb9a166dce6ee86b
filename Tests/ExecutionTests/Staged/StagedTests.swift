import Execution
import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

/// Graphs whose shapes only a run can tell, against the reference runner.
@Suite("Staged plans")
struct StagedTests {
  private func check(
    _ graph: Graph, _ runs: [[String: Tensor]], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> ModelPlan {
    let options = PlanOptions(forms: .stored)
    let plan = try ModelPlan(graph: graph, options: options, trial: runs[0])
    let context = plan.makeContext()
    let reference = ReferenceRunner(table: .for(.portable))
    for inputs in runs {
      let expected = try reference.run(graph, inputs: inputs)
      let found = try plan.run(inputs, in: context)
      #expect(Set(found.keys) == Set(expected.keys), sourceLocation: sourceLocation)
      for (name, tensor) in expected {
        let result = try #require(found[name])
        #expect(result.shape == tensor.shape, sourceLocation: sourceLocation)
        let close = zip(result.floats, tensor.floats).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($1)) }
        #expect(close, "\(name)", sourceLocation: sourceLocation)
      }
    }
    return plan
  }

  private func floats(_ shape: [Int], seed: UInt64) -> Tensor {
    var random = SeededGenerator(seed: seed)
    return Tensor(shape: Shape(known: shape), of: Float.self) { values in
      for index in values.indices { values[index] = random.normal() }
    }
  }

  private func value(_ name: String, _ type: DataType = .float32, _ shape: [Int]? = nil) -> ValueInfo {
    ValueInfo(name: name, dataType: type, dimensions: shape?.map { .fixed($0) })
  }

  @Test("a branch and its surroundings read weights that are only stored in 16 bits")
  func storedHalves() throws {
    func branch(_ name: String, _ node: Node) -> Graph {
      Graph(
        name: name, inputs: [], outputs: [value(name)], nodes: [node], initializers: [:], opsets: ["": 13])
    }
    let half = Weight.dense(
      Tensor(shape: [4, 4], of: Float16.self) { for index in $0.indices { $0[index] = Float16(index) / 8 } })
    let graph = Graph(
      name: "g", inputs: [value("x", .float32, [2, 4])], outputs: [value("y", .float32, [2, 4])],
      nodes: [
        Node(name: "first", kind: "MatMul", inputs: ["x", "w"], outputs: ["h"]),
        Node(
          name: "sum", kind: "ReduceSum", inputs: ["h"], outputs: ["s"], attributes: ["keepdims": .int(0)]),
        Node(name: "cast", kind: "Cast", inputs: ["s"], outputs: ["c"], attributes: ["to": .int(9)]),
        Node(
          name: "if", kind: "If", inputs: ["c"], outputs: ["y"],
          attributes: [
            "then_branch": .graph(
              branch("a", Node(name: "second", kind: "MatMul", inputs: ["h", "v"], outputs: ["a"]))),
            "else_branch": .graph(
              branch("b", Node(name: "same", kind: "Identity", inputs: ["h"], outputs: ["b"]))),
          ]),
      ], initializers: ["w": half, "v": half], opsets: ["": 13])
    let x = ["x": floats([2, 4], seed: 3)]
    func run(_ graph: Graph) throws -> [Float]? {
      let plan = try ModelPlan(graph: graph, options: PlanOptions(forms: .stored), trial: x)
      return try plan.run(x, in: plan.makeContext())["y"]?.floats
    }
    #expect(try run(graph) == run(graph.wideningStoredHalves(keepsValues: true)))
  }

  @Test("rows that are not zero pass through a layer, however many they are")
  func dataDependentShape() throws {
    let graph = Graph(
      name: "g", inputs: [value("x", .float32, [6, 4])], outputs: [value("y"), value("z")],
      nodes: [
        Node(name: "before", kind: "Gemm", inputs: ["x", "w"], outputs: ["h"]),
        Node(name: "test", kind: "Greater", inputs: ["first", "zero"], outputs: ["t"]),
        Node(
          name: "slice", kind: "Gather", inputs: ["h", "column"], outputs: ["first"],
          attributes: ["axis": .int(1)]),
        Node(name: "cast", kind: "Cast", inputs: ["t"], outputs: ["c"], attributes: ["to": .int(7)]),
        Node(
          name: "count", kind: "ReduceSum", inputs: ["c"], outputs: ["n"], attributes: ["keepdims": .int(0)]),
        Node(name: "some", kind: "Range", inputs: ["start", "n", "one"], outputs: ["j"]),
        Node(name: "pick", kind: "Gather", inputs: ["h", "j"], outputs: ["k"]),
        Node(name: "after", kind: "Gemm", inputs: ["k", "v"], outputs: ["y"]),
        Node(name: "more", kind: "Tanh", inputs: ["h"], outputs: ["z"]),
      ],
      initializers: [
        "w": .dense(floats([4, 5], seed: 1)), "v": .dense(floats([5, 3], seed: 2)),
        "start": .dense(Tensor(scalar: Int64(0))), "one": .dense(Tensor(scalar: Int64(1))),
        "column": .dense(Tensor(scalar: Int64(0))), "zero": .dense(Tensor(scalar: Float(0))),
      ], opsets: ["": 13])
    let plan = try check(graph, (0..<5).map { ["x": floats([6, 4], seed: $0)] })
    #expect(plan.isStaged)
    #expect(plan.layers.map(\.node).sorted() == ["after", "before"])
    var times = [UInt64](repeating: 0, count: plan.steps.count)
    let context = plan.makeContext()
    try context.setInput("x", floats([6, 4], seed: 0))
    try times.withUnsafeMutableBufferPointer { try plan.runTimed(in: context, stepNanoseconds: $0) }
    let timed = zip(plan.steps, times).filter { $0.1 > 0 }.flatMap(\.0.nodes)
    #expect(timed.contains("before") && timed.contains("after") && timed.contains("some"))
  }

  @Test("branches with weights of their own and values from around them")
  func branches() throws {
    let then = Graph(
      name: "a", inputs: [], outputs: [value("t")],
      nodes: [Node(name: "t/gemm", kind: "Gemm", inputs: ["h", "tw"], outputs: ["t"])],
      initializers: ["tw": .dense(floats([4, 2], seed: 3))], opsets: ["": 13])
    let otherwise = Graph(
      name: "a", inputs: [], outputs: [value("e")],
      nodes: [Node(name: "e/matmul", kind: "MatMul", inputs: ["h", "w"], outputs: ["e"])],
      initializers: [:], opsets: ["": 13])
    let graph = Graph(
      name: "g", inputs: [value("x", .float32, [3, 4])], outputs: [value("y")],
      nodes: [
        Node(
          name: "sum", kind: "ReduceSum", inputs: ["x"], outputs: ["s"], attributes: ["keepdims": .int(0)]),
        Node(name: "sign", kind: "Greater", inputs: ["s", "zero"], outputs: ["c"]),
        Node(name: "act", kind: "Tanh", inputs: ["x"], outputs: ["h"]),
        Node(
          name: "if", kind: "If", inputs: ["c"], outputs: ["r"],
          attributes: ["then_branch": .graph(then), "else_branch": .graph(otherwise)]),
        Node(name: "end", kind: "Relu", inputs: ["r"], outputs: ["y"]),
      ],
      initializers: ["w": .dense(floats([4, 2], seed: 4)), "zero": .dense(Tensor(scalar: Float(0)))],
      opsets: ["": 13])
    let plan = try check(graph, (0..<6).map { ["x": floats([3, 4], seed: $0)] })
    #expect(plan.steps.map { $0.nodes[0] }.contains("t/gemm"))
  }

  @Test("a loop that carries a state")
  func loop() throws {
    let body = Graph(
      name: "b",
      inputs: [value("i", .int64, []), value("go", .bool, []), value("state")],
      outputs: [value("go2", .bool), value("next"), value("scan")],
      nodes: [
        Node(name: "b/keep", kind: "Identity", inputs: ["go"], outputs: ["go2"]),
        Node(name: "b/gemm", kind: "MatMul", inputs: ["state", "w"], outputs: ["m"]),
        Node(name: "b/tanh", kind: "Tanh", inputs: ["m"], outputs: ["next"]),
        Node(name: "b/out", kind: "Neg", inputs: ["next"], outputs: ["scan"]),
      ], initializers: [:], opsets: ["": 13])
    let graph = Graph(
      name: "g", inputs: [value("x", .float32, [2, 4]), value("n", .int64, [])],
      outputs: [value("last"), value("all")],
      nodes: [
        Node(
          name: "loop", kind: "Loop", inputs: ["n", "", "x"], outputs: ["last", "all"],
          attributes: ["body": .graph(body)])
      ], initializers: ["w": .dense(floats([4, 4], seed: 5))], opsets: ["": 13])
    _ = try check(
      graph,
      [3, 1, 5].map { ["x": floats([2, 4], seed: 6), "n": Tensor(scalar: Int64($0))] })
  }

  @Test("many different shapes end in node by node, and stay right")
  func manyShapes() throws {
    let graph = Graph(
      name: "g", inputs: [value("x", .float32, [40])], outputs: [value("y")],
      nodes: [
        Node(
          name: "sum", kind: "ReduceSum", inputs: ["x"], outputs: ["s"], attributes: ["keepdims": .int(0)]),
        Node(name: "cast", kind: "Cast", inputs: ["s"], outputs: ["n"], attributes: ["to": .int(7)]),
        Node(name: "some", kind: "Range", inputs: ["start", "n", "one"], outputs: ["i"]),
        Node(name: "pick", kind: "Gather", inputs: ["x", "i"], outputs: ["p"]),
        Node(name: "end", kind: "Exp", inputs: ["p"], outputs: ["y"]),
      ],
      initializers: ["start": .dense(Tensor(scalar: Int64(0))), "one": .dense(Tensor(scalar: Int64(1)))],
      opsets: ["": 13])
    _ = try check(
      graph,
      (0..<40).map { count in
        ["x": Tensor(shape: [40], of: Float.self) { for index in 0..<count { $0[index] = 1 } }]
      })
  }

  @Test("a wrong shape or a missing input is refused by name")
  func refusals() throws {
    let graph = Graph(
      name: "g", inputs: [value("x", .float32, [])], outputs: [value("y")],
      nodes: [Node(name: "some", kind: "Range", inputs: ["x", "one", "one"], outputs: ["y"])],
      initializers: ["one": .dense(Tensor(scalar: Float(1)))],
      opsets: ["": 13])
    let plan = try ModelPlan(graph: graph)
    let context = plan.makeContext()
    #expect(throws: ExecutionError.self) { try context.setInput("z", Tensor(scalar: Float(0))) }
    #expect(throws: ExecutionError.self) { try context.setInput("x", floats([5], seed: 0)) }
    #expect(throws: ExecutionError.self) { try plan.run(in: context) }
  }
}
