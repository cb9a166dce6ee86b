import Compression
import Evaluation
import Execution
import GraphIR
import Recipes
import TensorCore
import Testing

@Suite struct MultiplyAddsTests {
  private static func weight(_ dimensions: [Int]) -> Weight {
    .dense(Tensor(shape: Shape(known: dimensions), of: Float.self) { $0.update(repeating: 0.5) })
  }

  private static func tensor(_ dimensions: [Int]) -> Tensor {
    Tensor(shape: Shape(known: dimensions), of: Float.self) { $0.update(repeating: 1) }
  }

  /// A node that reads inputs and constants of the given shapes.
  private static func counts(
    _ kind: OperatorKind, inputs: [[Int]], constants: [[Int]] = [], _ attributes: [String: Attribute] = [:],
    opset: Int = 24
  ) -> [String: Int]? {
    let names = inputs.indices.map { "x\($0)" }
    let fixed = constants.indices.map { "w\($0)" }
    let node = Node(
      name: "node", kind: kind, inputs: names + fixed, outputs: ["y"], attributes: attributes)
    let graph = Graph(
      name: "one",
      inputs: zip(names, inputs).map {
        ValueInfo(name: $0, dataType: .float32, dimensions: $1.map { .fixed($0) })
      },
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)], nodes: [node],
      initializers: Dictionary(uniqueKeysWithValues: zip(fixed, constants.map(weight))),
      opsets: ["": opset, "com.microsoft": 1])
    return MultiplyAdds.byNode(
      graph, inputs: Dictionary(uniqueKeysWithValues: zip(names, inputs.map(tensor))))
  }

  @Test func productsAreCountedByHand() {
    // 3 rows, 4 outputs of 5 inputs.
    #expect(Self.counts("MatMul", inputs: [[3, 5]], constants: [[5, 4]]) == ["node": 60])
    // 2 batches of 3 x 5 times 5 x 4, both computed.
    #expect(Self.counts("MatMul", inputs: [[2, 3, 5], [2, 5, 4]]) == ["node": 120])
    #expect(
      Self.counts("Gemm", inputs: [[5, 3]], constants: [[4, 5]], ["transA": .int(1), "transB": .int(1)])
        == ["node": 60])
    #expect(
      Self.counts("Einsum", inputs: [[2, 3, 5], [5, 4]], ["equation": .string("bij,jk->bik")])
        == ["node": 120])
    #expect(Self.counts("Einsum", inputs: [[2, 3]], ["equation": .string("ij->ji")]) == ["node": 0])
  }

  @Test func convolutionsAreCountedByHand() {
    // 8 filters of 4 x 3 x 3 at 5 x 5 places: 8 x 8 with padding 1 would be 64, a stride of 2 leaves 4 x 4.
    let padded: [String: Attribute] = ["pads": .ints([1, 1, 1, 1]), "strides": .ints([2, 2])]
    #expect(
      Self.counts("Conv", inputs: [[1, 4, 8, 8]], constants: [[8, 4, 3, 3]], padded)
        == ["node": 8 * 16 * 36])
    // Depthwise: every filter reads one channel.
    #expect(
      Self.counts("Conv", inputs: [[1, 4, 8, 8]], constants: [[4, 1, 3, 3]], ["group": .int(4)])
        == ["node": 4 * 36 * 9])
    // Each of 4 x 3 x 3 input elements goes through 6 filters of 2 x 2.
    #expect(
      Self.counts(
        "ConvTranspose", inputs: [[1, 4, 3, 3]], constants: [[4, 6, 2, 2]], ["strides": .ints([2, 2])])
        == ["node": 36 * 24])
  }

  @Test func recurrentStepsAndAttentionAreCountedByHand() {
    // 7 steps of 4 gates, 3 units that each read 5 inputs and 3 units.
    #expect(
      Self.counts(
        "LSTM", inputs: [[7, 1, 5]], constants: [[1, 12, 5], [1, 12, 3]], ["hidden_size": .int(3)])
        == ["node": 7 * 12 * 8])
    // 2 heads, 3 queries, 4 keys of size 8: scores and sums.
    #expect(
      Self.counts("Attention", inputs: [[1, 2, 3, 8], [1, 2, 4, 8], [1, 2, 4, 8]])
        == ["node": 2 * 2 * 3 * 4 * 8])
  }

  @Test func whatIsNotCountedIsNotGuessed() {
    #expect(Self.counts("Relu", inputs: [[3, 5]]) == [:])
    #expect(Self.counts("DFT", inputs: [[1, 8, 1]]) == nil)
    // Where values are not zero only a run tells.
    #expect(Self.counts("NonZero", inputs: [[3, 5]]) == nil)
  }

  @Test func removedChannelsAndFactorsCountAsTheyAreAndZerosInFull() async throws {
    let model = try TestModels.classifier()
    let x = try TestModels.inputs(samples: 40, features: 16)
    let data = TestModels.data(x, task: .fidelity, targets: nil)
    let experiment = try Experiment(model: model, evaluation: data, calibration: nil, options: .small)
    let evaluator = Evaluator(experiment, meter: nil)
    let whole = 16 * 32 + 32 * 8
    func operations(_ settings: LayerSettings) async throws -> OperationReading {
      let reading = try await evaluator.settled(Recipe(model: settings), budget: .brief).operations
      let found = try #require(reading)
      #expect(found.originalMacs == whole)
      return found
    }
    let original = try await operations(LayerSettings())
    #expect(original.macs == whole && original.executedMacs == whole)
    let channels = try await operations(LayerSettings().with(\.prune, 0.5).with(\.pattern, .channels))
    #expect(channels.macs == whole / 2 && channels.executedMacs == whole / 2)
    let zeros = try await operations(LayerSettings().with(\.prune, 0.9))
    #expect(zeros.macs == whole)
    // A quarter of ranks 16 and 8 is 4 and 2.
    let factors = try await operations(LayerSettings().with(\.rank, 0.25))
    #expect(factors.macs == 4 * (16 + 32) + 2 * (32 + 8))
  }

  @Test(arguments: [FormPolicy.stored, .always(.sparse)])
  func executedIsWhatTheKernelsMultiply(forms: FormPolicy) throws {
    let model = try TestModels.classifier()
    let compressed = try Compressor(model: model).compress(.pruned(0.9))
    let inputs = ["x": try TestModels.inputs(samples: 4, features: 16)]
    let plan = try ModelPlan(graph: compressed.model.graph, options: PlanOptions(batch: 4, forms: forms))
    let reading = try #require(
      OperationReading(
        MultiplyAdds.byNode(compressed.model.graph, inputs: inputs),
        original: MultiplyAdds.byNode(model.graph, inputs: inputs), plan: plan, samples: 4))
    let whole = 16 * 32 + 32 * 8
    let nonzeros = compressed.layers.reduce(0) { $0 + $1.size.nonzeros }
    #expect(nonzeros < whole / 5)
    #expect(reading.macs == whole && reading.executedMacs == (forms == .stored ? whole : nonzeros))
  }
}
