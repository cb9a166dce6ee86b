import Execution
import Foundation
import GraphIR
import TensorCore
import Testing

/// Plans on several threads, and runs of steps taken a few samples at a time, write what one thread writes at once.
@Suite struct ThreadTests {
  private func results(
    _ graph: Graph, _ data: [String: Tensor], _ options: PlanOptions, threads: Int
  ) throws -> [String: Tensor] {
    var options = options
    options.threads = threads
    let plan = try ExecutionPlan(graph: graph, options: options)
    let context = plan.makeContext()
    let first = try plan.run(data, in: context)
    for _ in 0..<3 {
      let again = try plan.run(data, in: context)
      #expect(equal(again, first))
    }
    return first
  }

  private func equal(_ left: [String: Tensor], _ right: [String: Tensor]) -> Bool {
    left.count == right.count
      && left.allSatisfy { name, tensor in
        guard let other = right[name], other.shape == tensor.shape else { return false }
        return tensor.bytes.elementsEqual(other.bytes)
      }
  }

  /// Bit for bit, since only outputs are divided.
  private func checkEqual(
    _ graph: Graph, _ data: [String: Tensor], options: PlanOptions = PlanOptions(), label: String = ""
  ) throws {
    let one = try results(graph, data, options, threads: 1)
    for threads in [2, 3, 7] {
      let found = try results(graph, data, options, threads: threads)
      #expect(equal(found, one), "\(threads) threads \(label)")
    }
    let expected = try Comparison.reference(graph, data)
    Comparison.expect(one, expected, 1e-4, label, #_sourceLocation)
  }

  @Test(arguments: 0..<24) func productsOfOddShapes(seed: Int) throws {
    let builder = GraphBuilder(seed: UInt64(seed) + 7000)
    let (rows, depth, outputs) = (
      [1, 2, 25, 49, 97, 200][builder.int(0...5)], builder.int(60...300), builder.int(100...700)
    )
    let x = builder.input("x", [rows, depth])
    let weight =
      seed % 3 == 0
      ? builder.quantized([depth, outputs], bits: .int4, axis: 1)
      : builder.weight([depth, outputs], density: seed % 3 == 1 ? 0.1 : 1)
    let data = seed % 2 == 0 && seed % 3 == 0 ? builder.fake8(x) : x
    let product = builder.node("Gemm", [data, weight, builder.weight([outputs])])
    let value = builder.node("Relu", [builder.node("Add", [product, builder.input("r", [rows, outputs])])])
    for forms in [FormPolicy.stored, .always(.sparse)] {
      try checkEqual(
        builder.graph([value]), builder.data(), options: PlanOptions(forms: forms),
        label: "\(rows) \(outputs)")
    }
  }

  @Test(arguments: 0..<16) func convolutionsOfOddShapes(seed: Int) throws {
    let builder = GraphBuilder(seed: UInt64(seed) + 7100)
    let (images, channels) = ([1, 1, 2, 5][builder.int(0...3)], builder.int(8...40))
    let size = builder.int(13...23)
    let kernel = [1, 3, 5][builder.int(0...2)]
    let x = builder.input("x", [images, channels, size, size])
    let pad = kernel / 2
    let pads = Attribute.ints([pad, pad, pad, pad])
    let outputs = builder.int(20...70)
    let value = builder.node(
      "Conv", [x, builder.weight([outputs, channels, kernel, kernel]), builder.weight([outputs])],
      ["pads": pads])
    let wide = builder.node(
      "Conv",
      [
        builder.node("Clip", [value, builder.scalar(0), builder.scalar(6)]),
        builder.weight([outputs, 1, 3, 3]),
      ],
      [
        "group": .int(outputs), "pads": .ints([1, 1, 1, 1]),
        "strides": .ints([builder.int(1...2), builder.int(1...2)]),
      ])
    let pooled = builder.node("MaxPool", [wide], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
    try checkEqual(builder.graph([pooled, builder.node("Sigmoid", [wide])]), builder.data())
  }

  @Test(arguments: 0..<12) func windowsOverFewValues(seed: Int) throws {
    let builder = GraphBuilder(seed: UInt64(seed) + 7200)
    let (images, channels) = ([1, 1, 3][seed % 3], builder.int(1...4))
    let (outputs, size) = (builder.int(8...40), builder.int(20...60))
    let x = builder.input("x", [images, channels, size, size])
    let isInteger = seed % 2 == 1
    let weight =
      isInteger
      ? builder.quantized([outputs, channels, 3, 2], bits: .int8, axis: 0)
      : builder.weight([outputs, channels, 3, 2])
    let value = builder.node(
      "Conv", [isInteger ? builder.fake8(x) : x, weight, builder.weight([outputs])],
      ["pads": .ints([1, 1, 1, 0]), "strides": .ints([1, builder.int(1...2)])])
    let graph = builder.graph([builder.node("Relu", [value])])
    let plan = try ExecutionPlan(graph: graph)
    #expect(plan.layers[0].kernel.storage == .direct, "\(plan.layers[0].kernel)")
    try checkEqual(graph, builder.data(), label: "\(channels) \(outputs) \(size)")
  }

  @Test(arguments: 0..<20) func randomNetworks(seed: Int) throws {
    let network = RandomNetwork.make(seed: UInt64(seed) + 50, quantized: seed % 4 == 3)
    // The same options, so that what was measured for one plan holds for the other.
    let options = PlanOptions()
    let one = try results(network.graph, network.data, options, threads: 1)
    let two = try results(network.graph, network.data, options, threads: 2)
    #expect(equal(two, one))
  }

  /// Enough samples that convolutions run a few at a time, and a head over all of them.
  private static func deep(_ builder: GraphBuilder, images: Int, keepsFeatures: Bool = true) -> Graph {
    let x = builder.input("x", [images, 3, 20, 20])
    func conv(_ x: String, _ channels: Int, _ outputs: Int, group: Int = 1) -> String {
      builder.node(
        "Conv", [x, builder.weight([outputs, channels / group, 3, 3]), builder.weight([outputs])],
        ["pads": .ints([1, 1, 1, 1]), "group": .int(group)])
    }
    let first = builder.node("Relu", [conv(x, 3, 24)])
    let second = builder.node("HardSwish", [conv(first, 24, 24, group: 24)])
    let third = builder.node("Add", [first, builder.node("Mul", [second, builder.weight([1, 24, 1, 1])])])
    let kept = conv(third, 24, 40)
    let mean = builder.node("GlobalAveragePool", [builder.node("Sigmoid", [kept])])
    let flat = builder.node("Flatten", [mean])
    let logits = builder.node("Gemm", [flat, builder.weight([40, 10])])
    return builder.graph(keepsFeatures ? [logits, kept] : [logits])
  }

  @Test(arguments: [2, 7, 12, 30]) func samplesInTilesAreThoseOfTheWholeBatch(images: Int) throws {
    let builder = GraphBuilder(seed: 7300)
    let graph = Self.deep(builder, images: images)
    try checkEqual(graph, builder.data(), label: "\(images) images")
    let plan = try ExecutionPlan(graph: graph)
    let context = plan.makeContext()
    for (name, tensor) in builder.data() { try context.setInput(name, tensor) }
    let times = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: plan.steps.count)
    defer { times.deallocate() }
    times.initialize(repeating: UInt64.max)
    try plan.runTimed(in: context, stepNanoseconds: times)
    #expect(times.allSatisfy { $0 < 60_000_000_000 })
  }

  @Test func tilesNeedLessMemoryThanTheBatch() throws {
    let builder = GraphBuilder(seed: 7301)
    let graph = Self.deep(builder, images: 30, keepsFeatures: false)
    let tiled = try ExecutionPlan(graph: graph)
    let whole = try ExecutionPlan(graph: graph, options: PlanOptions(fuses: false))
    #expect(tiled.arenaBytes < whole.arenaBytes / 2)
  }

  @Test func contextsRunSideBySide() async throws {
    let builder = GraphBuilder(seed: 7400)
    let graph = Self.deep(builder, images: 6)
    let plan = try ExecutionPlan(graph: graph, options: PlanOptions(threads: 3))
    let inputs = (0..<4).map { _ in builder.data() }
    let expected = try inputs.map { try plan.run($0, in: plan.makeContext()) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (data, wanted) in zip(inputs, expected) {
        group.addTask {
          let context = plan.makeContext()
          for _ in 0..<20 {
            let found = try plan.run(data, in: context)
            #expect(equal(found, wanted))
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// In a process of its own, where no other test starts or ends threads.
  @Test func contextsEndWithTheirThreads() async {
    await #expect(processExitsWith: .success) {
      func threads() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
      }
      let builder = GraphBuilder(seed: 7500)
      let plan = try ExecutionPlan(graph: Self.deep(builder, images: 4), options: PlanOptions(threads: 4))
      let data = builder.data()
      let before = threads()
      var most = 0
      for round in 0..<30 {
        let context = plan.makeContext()
        most = max(most, threads())
        // Some end before their threads have had anything to do, some right after a run.
        if round % 2 == 0 { _ = try plan.run(data, in: context) }
      }
      #expect(most >= before + 3)
      // A few for the runtime's own pool; the contexts started ninety.
      #expect(threads() < before + 10)
    }
  }

  @Test func anErrorOnOneThreadReachesTheCaller() throws {
    // An index out of range in the second half of the rows.
    let builder = GraphBuilder(seed: 7600)
    let x = builder.input("x", [4000], .int64)
    let value = builder.node("Gather", [builder.weight([50, 64]), x])
    let graph = builder.graph([builder.node("Tanh", [value])])
    let plan = try ExecutionPlan(graph: graph, options: PlanOptions(threads: 2))
    let context = plan.makeContext()
    var indices = [Int64](repeating: 3, count: 4000)
    _ = try plan.run(["x": try Tensor(shape: [4000], indices)], in: context)
    indices[3900] = 77
    #expect(throws: (any Error).self) { try plan.run(["x": try Tensor(shape: [4000], indices)], in: context) }
    indices[3900] = 7
    _ = try plan.run(["x": try Tensor(shape: [4000], indices)], in: context)
  }

  /// In a process of its own, where no other test allocates meanwhile.
  @Test func runningOnThreadsAllocatesNothing() async {
    await #expect(processExitsWith: .success) {
      let builder = GraphBuilder(seed: 7700)
      let plan = try ExecutionPlan(
        graph: Self.deep(builder, images: 8), options: PlanOptions(threads: 2))
      let context = plan.makeContext()
      _ = try plan.run(builder.data(), in: context)
      #expect(HeapUse.isSteady { for _ in 0..<20 { try? plan.run(in: context) } })
    }
  }
}
