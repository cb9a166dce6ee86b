import GraphIR
import Operators
import Rewriting
import TensorCore
import Testing

@Suite("Graph builder")
struct GraphBuilderTests {
  private let chain = graph(
    [
      Node(name: "a", kind: "Relu", inputs: ["x"], outputs: ["m"]),
      Node(name: "b", kind: "Neg", inputs: ["m"], outputs: ["y"]),
    ])

  @Test func gathersOnePatchAndLeavesTheGraphAsItIsUntilThen() throws {
    var builder = GraphBuilder(chain, label: "test")
    let one = builder.add(Float(1), "one")
    builder.edit("a") { $0.kind = "Sigmoid" }
    builder.insert([Node(name: "c", kind: "Add", inputs: ["x", one], outputs: ["c:0"])], before: "a")
    builder.edit("a") { $0.inputs = ["c:0"] }
    #expect(builder.graph.text == chain.text)
    let patch = try builder.commit()
    #expect(patch.label == "test" && patch.replacements.count == 1 && patch.weights.count == 1)
    try builder.checkInvariants()
    #expect(
      builder.graph.text == """
        c: Add(x, one:float32[]) -> c:0
        a: Sigmoid(c:0) -> m
        b: Neg(m) -> y
        """)
  }

  @Test func removesAndRedirects() throws {
    var builder = GraphBuilder(chain)
    builder.remove("a")
    builder.redirect("m", to: "x")
    #expect(builder.target(of: "m") == "x")
    let isEdited = builder.edit("a") { $0.kind = "Exp" }
    #expect(!isEdited)
    #expect(try builder.finished().text == "b: Neg(x) -> y")
  }

  @Test func namesWhatIsNewLikeNothingElse() throws {
    var builder = GraphBuilder(chain)
    #expect(builder.fresh("m") == "m_2")
    #expect(builder.fresh("a") == "a_2")
    #expect(builder.fresh("new") == "new")
    try builder.commit()
    #expect(builder.fresh("new") == "new_2")
  }

  @Test func knowsTheTypeOfWhatItAdds() throws {
    var builder = GraphBuilder(
      TypedGraph(chain, known: try ShapeInference.inferTypes(graph: chain, dimensions: [:])))
    builder.stem = "s"
    let sum = try builder.add("ReduceSum", ["m", builder.add([1], "axes")], ["keepdims": .int(0)])
    #expect(try builder.type(of: sum) == TensorType(.float32, [2]))
    #expect(throws: OperatorError.undefinedValue(name: "nowhere", node: "s")) {
      try builder.add("Neg", ["nowhere"])
    }
    builder.insert(builder.takeAdded(), after: "a")
    #expect(
      try builder.finished().text == """
        a: Relu(x) -> m
        s/ReduceSum: ReduceSum(m, axes:int64[1]) -> s/ReduceSum/value
        b: Neg(m) -> y
        """)
  }

  @Test func aMissingNodeIsTold() {
    var builder = GraphBuilder(chain, label: "wrong")
    builder.remove("nowhere")
    #expect(throws: GraphError.patchMissesNode(label: "wrong", node: "nowhere")) { try builder.commit() }
  }

  @Test func brokenInvariantsAreTold() throws {
    var builder = GraphBuilder(TypedGraph(chain, isTyped: true))
    #expect(throws: GraphError.untypedValue(name: "m", node: "a")) { try builder.checkInvariants() }
    builder = GraphBuilder(chain)
    #if !DEBUG
      builder.remove("a")
      try builder.commit()
      #expect(throws: GraphError.undefinedValue(name: "m", node: "b")) { try builder.checkInvariants() }
    #endif
  }
}
