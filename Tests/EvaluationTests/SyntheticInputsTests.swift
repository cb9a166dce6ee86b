import Evaluation
import GraphIR
import TensorCore
import Testing

@Suite struct SyntheticInputsTests {
  private func graph(_ inputs: [ValueInfo], table: Shape? = nil) -> Graph {
    var initializers: [String: Weight] = [:]
    var nodes: [Node] = []
    if let table {
      initializers["table"] = .dense(Tensor(shape: table, of: Float.self) { _ in })
      nodes = [Node(name: "embed", kind: "Gather", inputs: ["table", "ids"], outputs: ["e"])]
    }
    return Graph(
      name: "g", inputs: inputs, outputs: [], nodes: nodes, initializers: initializers, opsets: ["": 17])
  }

  private func made(
    _ inputs: [ValueInfo], _ samples: Int, seed: UInt64 = 1, table: Shape? = nil
  ) throws -> [String: Tensor] {
    let graph = graph(inputs, table: table)
    return try SyntheticInputs(for: graph, axes: SampleAxes(finding: graph), seed: seed).samples(0..<samples)
  }

  /// A sample is the same whichever are made with it, and lies where the input has its samples.
  @Test func samplesDoNotDependOnTheirNeighbours() throws {
    let x = ValueInfo(name: "x", dataType: .float32, dimensions: [.symbolic("batch"), .fixed(3)])
    let state = ValueInfo(
      name: "state", dataType: .float32, dimensions: [.fixed(2), .symbolic("batch"), .fixed(4)])
    let graph = graph([x, state])
    let inputs = try SyntheticInputs(for: graph, axes: SampleAxes(finding: graph), seed: 1)
    let all = try inputs.samples(0..<6)
    let some = try inputs.samples(2..<5)
    #expect(all["state"]?.shape == [2, 6, 4] && some["state"]?.shape == [2, 3, 4])
    #expect(try all["x"]?.slice(2..<5).floats == some["x"]?.floats)
    #expect(try all["state"]?.slice(2..<5, along: 1).floats == some["state"]?.floats)
    #expect(inputs.bytesPerSample == (3 + 8) * 4)
  }

  /// Random holes in an attention mask would be other inputs than anyone feeds.
  @Test func masksHideNothing() throws {
    let mask = ValueInfo(name: "attention_mask", dataType: .int64, dimensions: [.symbolic("n"), .fixed(9)])
    #expect(try Set(#require(made([mask], 20)["attention_mask"]).integers) == [1])
    let rate = ValueInfo(name: "sr", dataType: .int64, dimensions: [])
    #expect(try made([mask, rate], 2)["sr"]?.integers == [16_000])
  }

  @Test func everyTypeAndShapeIsServed() throws {
    for type in DataType.allCases {
      let info = ValueInfo(
        name: "v", dataType: type, dimensions: [.symbolic("n"), .fixed(3), .symbolic("t")])
      let tensor = try #require(made([info], 5)["v"])
      #expect(tensor.dataType == type)
      #expect(tensor.shape == [5, 3, 1])
      #expect(type == .string || !tensor.floats.contains { !$0.isFinite })
    }
  }

  @Test func floatsAreStandardNormalAndSeeded() throws {
    let info = ValueInfo(name: "v", dataType: .float32, dimensions: [.symbolic("n"), .fixed(100)])
    let values = try #require(made([info], 100, seed: 3)["v"]).floats
    let mean = values.reduce(0, +) / 10_000
    let variance = values.reduce(0) { $0 + $1 * $1 } / 10_000
    #expect(abs(mean) < 0.05 && abs(variance - 1) < 0.06)
    #expect(try made([info], 100, seed: 3)["v"]?.floats == values)
    #expect(try made([info], 100, seed: 4)["v"]?.floats != values)
  }

  @Test func idsStayInsideTheTableTheyIndex() throws {
    let info = ValueInfo(name: "ids", dataType: .int64, dimensions: [.symbolic("n"), .fixed(14)])
    let ids = try #require(
      made([info], 50, table: [11, 4])["ids"]
    ).integers
    #expect(Set(ids) == Set(0..<11))
    let unknown = try #require(made([info], 50)["ids"])
    #expect(Set(unknown.integers) == [0, 1])
  }

  @Test func aScalarHoldsForAllSamples() throws {
    let scalar = ValueInfo(name: "s", dataType: .float32, dimensions: [])
    let rows = ValueInfo(name: "v", dataType: .float32, dimensions: [.symbolic("n"), .fixed(3)])
    let made = try made([scalar, rows], 5)
    #expect(made["s"]?.shape == [])
    #expect(made["v"]?.shape == [5, 3])
  }

  @Test func anUndeclaredRankIsNamed() {
    let info = ValueInfo(name: "v", dataType: .float32, dimensions: nil)
    #expect(throws: EvaluationError.unknownInput(name: "v")) {
      try made([info], 1)
    }
  }
}
