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

  @Test func everyTypeAndShapeIsServed() throws {
    for type in DataType.allCases {
      let info = ValueInfo(
        name: "v", dataType: type, dimensions: [.symbolic("n"), .fixed(3), .symbolic("t")])
      let tensor = try #require(SyntheticInputs.make(for: graph([info]), samples: 5, seed: 1)["v"])
      #expect(tensor.dataType == type)
      #expect(tensor.shape == [5, 3, 1])
      #expect(type == .string || !tensor.floats.contains { !$0.isFinite })
    }
  }

  @Test func floatsAreStandardNormalAndSeeded() throws {
    let info = ValueInfo(name: "v", dataType: .float32, dimensions: [.symbolic("n"), .fixed(100)])
    let values = try #require(SyntheticInputs.make(for: graph([info]), samples: 100, seed: 3)["v"]).floats
    let mean = values.reduce(0, +) / 10_000
    let variance = values.reduce(0) { $0 + $1 * $1 } / 10_000
    #expect(abs(mean) < 0.05 && abs(variance - 1) < 0.06)
    #expect(try SyntheticInputs.make(for: graph([info]), samples: 100, seed: 3)["v"]?.floats == values)
    #expect(try SyntheticInputs.make(for: graph([info]), samples: 100, seed: 4)["v"]?.floats != values)
  }

  @Test func idsStayInsideTheTableTheyIndex() throws {
    let info = ValueInfo(name: "ids", dataType: .int64, dimensions: [.symbolic("n"), .fixed(14)])
    let ids = try #require(
      SyntheticInputs.make(for: graph([info], table: [11, 4]), samples: 50, seed: 1)["ids"]
    ).integers
    #expect(Set(ids) == Set(0..<11))
    let unknown = try #require(SyntheticInputs.make(for: graph([info]), samples: 50, seed: 1)["ids"])
    #expect(Set(unknown.integers) == [0, 1])
  }

  @Test func aScalarHoldsForAllSamples() throws {
    let scalar = ValueInfo(name: "s", dataType: .float32, dimensions: [])
    let rows = ValueInfo(name: "v", dataType: .float32, dimensions: [.symbolic("n"), .fixed(3)])
    let made = try SyntheticInputs.make(for: graph([scalar, rows]), samples: 5, seed: 1)
    #expect(made["s"]?.shape == [])
    #expect(made["v"]?.shape == [5, 3])
  }

  @Test func anUndeclaredRankIsNamed() {
    let info = ValueInfo(name: "v", dataType: .float32, dimensions: nil)
    #expect(throws: EvaluationError.unknownInput(name: "v")) {
      try SyntheticInputs.make(for: graph([info]), samples: 1, seed: 1)
    }
  }
}
