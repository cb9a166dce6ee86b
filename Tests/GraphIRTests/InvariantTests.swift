import GraphIR
import TensorCore
import Testing

@Suite("Invariants of a graph")
struct InvariantTests {
  private func graph(_ nodes: [Node], outputs: [String] = ["y"]) -> Graph {
    Graph(
      name: "g", inputs: [ValueInfo(name: "x", dataType: .float32, dimensions: [.fixed(1)])],
      outputs: outputs.map { ValueInfo(name: $0, dataType: .float32, dimensions: nil) }, nodes: nodes,
      initializers: [:], opsets: ["": 17])
  }

  private func relu(_ name: String, _ input: String, _ output: String) -> Node {
    Node(name: name, kind: "Relu", inputs: [input], outputs: [output])
  }

  @Test func hold() throws {
    try graph([relu("a", "x", "m"), relu("b", "m", "y")]).checkInvariants()
  }

  @Test func eachIsNamedWhereItIsBroken() {
    #expect(throws: GraphError.duplicateNode(name: "a")) {
      try graph([relu("a", "x", "m"), relu("a", "m", "y")]).checkInvariants()
    }
    #expect(throws: GraphError.undefinedValue(name: "q", node: "a")) {
      try graph([relu("a", "q", "y")]).checkInvariants()
    }
    #expect(throws: GraphError.readBeforeMade(name: "m", reader: "b", maker: "a")) {
      try graph([relu("b", "m", "y"), relu("a", "x", "m")]).checkInvariants()
    }
    #expect(throws: GraphError.duplicateValue(name: "y", node: "b")) {
      try graph([relu("a", "x", "y"), relu("b", "x", "y")]).checkInvariants()
    }
    #expect(throws: GraphError.undefinedValue(name: "z", node: "the graph's outputs")) {
      try graph([relu("a", "x", "y")], outputs: ["z"]).checkInvariants()
    }
  }

  @Test func holdInNestedGraphsToo() throws {
    func branch(_ input: String) -> Graph {
      Graph(
        name: "then", inputs: [], outputs: [ValueInfo(name: "t", dataType: .float32, dimensions: nil)],
        nodes: [relu("inner", input, "t")], initializers: [:], opsets: [:])
    }
    func model(_ input: String) -> Graph {
      graph([
        Node(
          name: "if", kind: "If", inputs: ["x"], outputs: ["y"],
          attributes: ["then_branch": .graph(branch(input))])
      ])
    }
    try model("x").checkInvariants()
    #expect(throws: GraphError.undefinedValue(name: "y", node: "inner")) { try model("y").checkInvariants() }
  }

  @Test func aPatchLetsReadersReadAnotherValue() throws {
    let start = graph([relu("a", "x", "m"), relu("b", "m", "n"), relu("c", "n", "y")])
    let patch = GraphPatch(
      label: "p", replacements: ["a": [], "b": []], redirections: ["n": "m", "m": "x"])
    let found = try start.applying(patch)
    try found.checkInvariants()
    #expect(found.text == "c: Relu(x) -> y")
  }
}
