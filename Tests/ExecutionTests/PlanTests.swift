import Execution
import GraphIR
import Operators
import TensorCore
import Testing

@Suite(.serialized) struct PlanTests {
  private func small() -> (Graph, [String: Tensor]) {
    let builder = GraphBuilder(seed: 21)
    let x = builder.input("x", dimensions: [.symbolic("N"), .fixed(6)])
    let hidden = builder.node("Relu", [builder.node("Gemm", [x, builder.weight([6, 8])])], named: "hidden")
    let value = builder.node("Gemm", [hidden, builder.weight([8, 3])], named: "head")
    return (builder.graph([value]), builder.data(batch: 4))
  }

  @Test func theBatchBindsTheFirstDimension() throws {
    let (graph, data) = small()
    let plan = try ExecutionPlan(graph: graph, options: PlanOptions(batch: 4))
    #expect(plan.inputs.map(\.name) == ["x"])
    #expect(plan.inputs[0].type == TensorType(.float32, [4, 6]))
    #expect(plan.outputs[0].type == TensorType(.float32, [4, 3]))
    try Comparison.check(graph, data, options: PlanOptions(batch: 4))
    #expect(throws: ExecutionError.invalidBatch(found: 0)) {
      try ExecutionPlan(graph: graph, options: PlanOptions(batch: 0))
    }
  }

  @Test func namedDimensionsAreBound() throws {
    let builder = GraphBuilder(seed: 22)
    let x = builder.input("x", dimensions: [.symbolic("N"), .symbolic("T"), .symbolic("")])
    let plan = try ExecutionPlan(
      graph: builder.graph([builder.node("Relu", [x])]), options: PlanOptions(batch: 2, dimensions: ["T": 5]))
    #expect(plan.inputs[0].type.shape == [2, 5, 1])
  }

  @Test func wrongInputsAreRefused() throws {
    let (graph, _) = small()
    let plan = try ExecutionPlan(graph: graph)
    let context = plan.makeContext()
    let good = try Tensor(shape: [1, 6], [Float](repeating: 1, count: 6))
    let bad = try Tensor(shape: [2, 6], [Float](repeating: 1, count: 12))
    let type = TensorType(.float32, [1, 6])
    #expect(throws: ExecutionError.missingInput(name: "x", expected: type)) { try plan.run(in: context) }
    #expect(
      throws: ExecutionError.inputMismatch(name: "x", expected: type, found: TensorType(.float32, [2, 6]))
    ) {
      try plan.run(["x": bad], in: context)
    }
    #expect(throws: ExecutionError.unknownInput(name: "y", choices: ["x"])) {
      try plan.run(["y": good], in: context)
    }
    #expect(throws: ExecutionError.foreignContext) {
      try plan.run(["x": good], in: ExecutionPlan(graph: graph).makeContext())
    }
    #expect(throws: ExecutionError.unknownValue(name: "nothing")) { try context.value("nothing") }
  }

  @Test func keptValuesStayReadableAndExact() throws {
    let network = RandomNetwork.make(seed: 5)
    let values = try ReferenceRunner(table: .for(.portable)).runAll(network.graph, inputs: network.data)
    let keep = Set(network.graph.nodes.flatMap(\.outputs))
    let plan = try ExecutionPlan(graph: network.graph, options: PlanOptions(keep: keep))
    let context = plan.makeContext()
    _ = try plan.run(network.data, in: context)
    for name in keep {
      let (found, expected) = (try context.value(name), try #require(values[name]))
      #expect(found.shape == expected.shape)
      #expect(Comparison.largestDifference(found.floats, expected.floats) < 1e-3, "\(name)")
    }
  }

  @Test func inputsConstantsAndIdentitiesCanBeOutputs() throws {
    let builder = GraphBuilder(seed: 23)
    let x = builder.input("x", [2, 3])
    let same = builder.node("Identity", [x])
    let relu = builder.node("Relu", [x])
    let alias = builder.node("Identity", [relu])
    let dropped = builder.node("Dropout", [alias])
    let shape = builder.node("Flatten", [dropped], ["axis": .int(0)])
    let folded = builder.node("Add", [builder.scalar(1), builder.scalar(2)])
    let graph = builder.graph([x, same, relu, alias, dropped, shape, folded])
    try Comparison.check(graph, builder.data())
  }

  @Test func changedInputsAreSeenByTheNextRun() throws {
    let (graph, data) = small()
    let plan = try ExecutionPlan(graph: graph, options: PlanOptions(batch: 4))
    let context = plan.makeContext()
    let first = try plan.run(data, in: context)
    let zero = ["x": try Tensor(shape: [4, 6], [Float](repeating: 0, count: 24))]
    _ = try plan.run(zero, in: context)
    let again = try plan.run(data, in: context)
    for (name, tensor) in first { #expect(tensor.floats == again[name]?.floats) }
    let bytes = try #require(zero["x"]).bytes
    try context.setInput("x", bytes: bytes)
    try plan.run(in: context)
    let name = plan.outputs[0].name
    #expect(try context.withOutput(name) { Array($0) } == (try plan.run(zero, in: context)[name]?.floats))
  }

  /// In a process of its own, where no other test allocates meanwhile.
  @Test func runsAllocateNothing() async {
    await #expect(processExitsWith: .success) {
      for quantized in [false, true] {
        let network = RandomNetwork.make(seed: quantized ? 1003 : 3, quantized: quantized)
        let plan = try ExecutionPlan(graph: network.graph)
        let context = plan.makeContext()
        _ = try plan.run(network.data, in: context)
        #expect(HeapUse.isSteady { for _ in 0..<100 { try? plan.run(in: context) } })
      }
    }
  }

  @Test func everyStepIsTimed() throws {
    let network = RandomNetwork.make(seed: 4)
    let plan = try ExecutionPlan(graph: network.graph)
    let context = plan.makeContext()
    for (name, tensor) in network.data { try context.setInput(name, tensor) }
    var times = [UInt64](repeating: 0, count: plan.steps.count)
    try times.withUnsafeMutableBufferPointer { try plan.runTimed(in: context, stepNanoseconds: $0) }
    #expect(times.reduce(0, +) > 0)
    #expect(throws: ExecutionError.timingBuffer(expected: plan.steps.count, found: 0)) {
      try plan.runTimed(in: context, stepNanoseconds: UnsafeMutableBufferPointer(start: nil, count: 0))
    }
    // Reshaping takes no step.
    let names = Set(plan.steps.flatMap(\.nodes))
    #expect(names == Set(network.graph.nodes.filter { $0.kind != "Flatten" }.map(\.name)))
  }

  @Test func contextsOfOnePlanRunOnManyThreads() async throws {
    let network = RandomNetwork.make(seed: 7)
    let plan = try ExecutionPlan(graph: network.graph)
    let expected = try plan.run(network.data, in: plan.makeContext())
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let context = plan.makeContext()
          return try (0..<5).allSatisfy { _ in
            let found = try plan.run(network.data, in: context)
            return expected.allSatisfy { found[$0.key]?.floats == $0.value.floats }
          }
        }
      }
      for try await equal in group { #expect(equal) }
    }
  }

  @Test func hugeGraphsAreRefused() throws {
    let builder = GraphBuilder(seed: 24)
    let x = builder.input("x", [1 << 20, 1 << 20])
    let graph = builder.graph([builder.node("Relu", [x])])
    #expect(throws: (any Error).self) { try ExecutionPlan(graph: graph) }
    let second = GraphBuilder(seed: 25)
    let y = second.input("y", [1000, 1000])
    let product = second.node("MatMul", [y, y])
    #expect(throws: ExecutionError.self) {
      try ExecutionPlan(graph: second.graph([product]), options: PlanOptions(memoryLimit: 1 << 20))
    }
  }

  @Test func cyclesAndMissingValuesAreRefused() throws {
    let builder = GraphBuilder(seed: 26)
    let x = builder.input("x", [2])
    builder.node("Add", [x, "b.out"], named: "a")
    builder.node("Add", [x, "a.out"], named: "b")
    #expect(throws: GraphError.self) { try ExecutionPlan(graph: builder.graph(["b.out"])) }
    #expect(throws: GraphError.self) { try ExecutionPlan(graph: builder.graph(["nothing"])) }
  }

  @Test func everyErrorIsOneSentence() {
    let type = TensorType(.float32, [1])
    let errors: [ExecutionError] = [
      .tooMuchMemory(bytes: 2, limit: 1), .invalidBatch(found: 0), .missingInput(name: "x", expected: type),
      .unknownInput(name: "x", choices: ["y"]), .inputMismatch(name: "x", expected: type, found: type),
      .unknownValue(name: "x"), .foreignContext, .timingBuffer(expected: 1, found: 2),
    ]
    for error in errors {
      #expect(!error.description.contains("\n") && error.description.count > 20)
    }
  }
}
