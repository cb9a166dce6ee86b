import GraphIR
import TensorCore
import Testing

private func chain(_ nodes: [Node], outputs: [String], weights: [String: Weight] = [:]) -> Graph {
  Graph(
    name: "g", inputs: [ValueInfo(name: "x", dataType: .float32, dimensions: [.fixed(1)])],
    outputs: outputs.map { ValueInfo(name: $0, dataType: .float32, dimensions: nil) }, nodes: nodes,
    initializers: weights, opsets: ["": 13])
}

private func relu(_ name: String, _ input: String, _ output: String) -> Node {
  Node(name: name, kind: "Relu", inputs: [input], outputs: [output])
}

@Suite("Graph")
struct GraphTests {
  @Test func sortsNodesThatComeTooEarly() throws {
    let graph = chain([relu("b", "m", "y"), relu("a", "x", "m")], outputs: ["y"])
    #expect(try graph.sorted().nodes.map(\.name) == ["a", "b"])
  }

  @Test func keepsAValidOrder() throws {
    let nodes = [relu("c", "x", "1"), relu("a", "1", "2"), relu("b", "x", "3"), relu("d", "2", "y")]
    #expect(try chain(nodes, outputs: ["y", "3"]).sorted().nodes.map(\.name) == ["c", "a", "b", "d"])
  }

  @Test func namesTheNodesOfACycle() {
    let graph = chain([relu("a", "q", "p"), relu("b", "p", "q")], outputs: ["q"])
    #expect(throws: GraphError.cycle(nodes: ["a", "b"])) { try graph.sorted() }
  }

  @Test func namesUndefinedAndDuplicateValues() {
    #expect(throws: GraphError.undefinedValue(name: "z", node: "a")) {
      try chain([relu("a", "z", "y")], outputs: ["y"]).sorted()
    }
    #expect(throws: GraphError.duplicateValue(name: "y", node: "b")) {
      try chain([relu("a", "x", "y"), relu("b", "x", "y")], outputs: ["y"]).sorted()
    }
    #expect(throws: GraphError.undefinedValue(name: "w", node: "the graph's outputs")) {
      try chain([relu("a", "x", "y")], outputs: ["w"]).sorted()
    }
  }

  @Test func patchesLeaveTheGraphAsItWas() throws {
    let weight = Weight.dense(Tensor(scalar: Float(2)))
    let add = Node(name: "add", kind: "Add", inputs: ["x", "w"], outputs: ["y"])
    let graph = chain([add], outputs: ["y"], weights: ["w": weight])
    let patch = GraphPatch(label: "without add", replacements: ["add": [relu("act", "x", "y")]])
    let patched = try graph.applying(patch)
    #expect(patched.text == "act: Relu(x) -> y")
    #expect(patched.initializers.isEmpty)
    #expect(graph.text == "add: Add(x, w:float32[]) -> y")
  }

  @Test func patchNamesAMissingNode() {
    let graph = chain([relu("a", "x", "y")], outputs: ["y"])
    let patch = GraphPatch(label: "p", replacements: ["nowhere": []])
    #expect(throws: GraphError.patchMissesNode(label: "p", node: "nowhere")) { try graph.applying(patch) }
  }
}
