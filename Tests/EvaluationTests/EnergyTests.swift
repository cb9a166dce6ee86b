import Compression
import Evaluation
import Execution
import GraphIR
import Recipes
import TensorCore
import Testing

/// The estimate counts what a run does: products as they are carried out, and bytes from where they come.
@Suite struct EnergyTests {
  @Test func operationsAndBytesAddUp() {
    let demand = EnergyDemand(
      macs: [.float32: 1000, .float16: 100, .int8: 10], cacheBytes: 16, memoryBytes: 8)
    let picojoules = EnergyModel.horowitz45(cacheBytes: 0).joules(demand) * 1e12
    // 4600 + 150 + 3 of products, 200 from the cache, 1950 from memory.
    #expect(abs(picojoules - 6903) < 1e-6)
  }

  /// The products of the classifier's two layers.
  private static func whole(_ kind: ArithmeticKind) -> [ArithmeticKind: Double] { [kind: 768] }

  private func demand(
    _ model: Model, _ settings: LayerSettings = LayerSettings(), _ forms: FormPolicy = .stored,
    cache: Int = 1 << 20
  ) throws -> (EnergyDemand, ModelPlan, CompressedModel) {
    let compressed = try Compressor(model: model).compress(Recipe(model: settings))
    let graph = compressed.model.graph
    let plan = try ModelPlan(graph: graph, options: PlanOptions(forms: forms))
    let counts = MultiplyAdds.byNode(graph, inputs: ["x": try TestModels.inputs(samples: 1, features: 16)])
    let demand = EnergyDemand(of: plan, counts: counts, storedBytes: compressed.size.bytes, cache: cache)
    return (demand, plan, compressed)
  }

  private func data(_ plan: ModelPlan) -> Int {
    plan.steps.reduce(0) { $0 + ($1.traffic?.dataRead ?? 0) + ($1.traffic?.dataWritten ?? 0) }
  }

  @Test func weightsAreReadFromMemoryOnlyWhereTheCacheDoesNotHoldThem() throws {
    let model = try TestModels.classifier()
    let (inside, plan, _) = try demand(model)
    let held = plan.layers.reduce(0) { $0 + $1.weightBytes }
    #expect(inside.memoryBytes == 0 && inside.cacheBytes == held + data(plan))
    // Data still fits: each step touches less than the whole run.
    let (outside, _, _) = try demand(model, cache: held)
    #expect(outside.memoryBytes == held && outside.cacheBytes == data(plan))
  }

  @Test func bytesAreThoseOfTheFormThatRuns() throws {
    let model = try TestModels.classifier()
    let codes = LayerSettings().with(\.weightBits, .quantized(.int4))
    let (packed, plan, _) = try demand(model, codes, .stored, cache: 0)
    let (floats, floatPlan, _) = try demand(model, codes, .always(.floats), cache: 0)
    let held = [plan, floatPlan].map { $0.layers.reduce(0) { $0 + $1.weightBytes } }
    #expect(packed.memoryBytes == held[0] + data(plan))
    #expect(floats.memoryBytes == held[1] + data(floatPlan))
    #expect(held[0] < held[1] / 3)
    #expect(packed.macs == floats.macs && packed.macs == Self.whole(.float32))
  }

  @Test func zerosThatAKernelSkipsAreNotCounted() throws {
    let (found, _, pruned) = try demand(
      TestModels.classifier(), LayerSettings().with(\.prune, 0.75), .always(.sparse))
    let nonzeros = pruned.layers.reduce(0) { $0 + $1.size.nonzeros }
    #expect(abs((found.macs[.float32] ?? 0) - Double(nonzeros)) < 1e-9)
  }

  /// Two products of computed values, and rows of a table that is larger than what is looked up.
  @Test func productsOfAttentionAndRowsOfATableAreCounted() throws {
    let table = try Tensor(shape: [1000, 8], [Float](repeating: 0.5, count: 8000))
    let graph = Graph(
      name: "attention",
      inputs: [ValueInfo(name: "ids", dataType: .int64, dimensions: [.fixed(1), .fixed(6)])],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)],
      nodes: [
        Node(name: "look", kind: "Gather", inputs: ["table", "ids"], outputs: ["q"]),
        Node(
          name: "turn", kind: "Transpose", inputs: ["q"], outputs: ["k"],
          attributes: ["perm": .ints([0, 2, 1])]),
        Node(name: "scores", kind: "MatMul", inputs: ["q", "k"], outputs: ["s"]),
        Node(name: "weights", kind: "Softmax", inputs: ["s"], outputs: ["p"]),
        Node(name: "mix", kind: "MatMul", inputs: ["p", "q"], outputs: ["y"]),
      ], initializers: ["table": .dense(table)], opsets: ["": 17])
    let plan = try ModelPlan(graph: graph)
    let ids = try Tensor(shape: [1, 6], [0, 1, 2, 3, 4, 5] as [Int64])
    let counts = MultiplyAdds.byNode(graph, inputs: ["ids": ids])
    let found = EnergyDemand(of: plan, counts: counts, storedBytes: table.byteCount, cache: 1 << 20)
    let products: [ArithmeticKind: Double] = [.float32: 576]
    #expect(found.macs == products)
    #expect(found.memoryBytes == 0 && found.cacheBytes < table.byteCount / 4)
  }

  @Test func theModelNamesItsCache() {
    #expect(EnergyModel.horowitz45(cacheBytes: 32 << 20).name.contains("32 MB"))
  }
}
