import GraphIR
import Operators
import Rewriting
import TensorCore
import Testing

@Suite("Graphs that compute in 16 bits are made to compute in float32")
struct SinglePrecisionTests {
  private let weight = Weight.dense(
    Tensor(shape: [2, 2], of: Float16.self) { _ = $0.update(fromContentsOf: [1, 2, 3, 4]) })

  private func graph(
    _ nodes: [Node], input: DataType = .float16, output: DataType = .float16, weights: [String: Weight] = [:]
  ) -> Graph {
    Graph(
      name: "g", inputs: [ValueInfo(name: "x", dataType: input, dimensions: [.fixed(1), .fixed(2)])],
      outputs: [ValueInfo(name: "y", dataType: output, dimensions: nil)], nodes: nodes,
      initializers: weights, opsets: ["": 17])
  }

  private func node(
    _ kind: OperatorKind, _ inputs: [String], _ output: String, _ attributes: [String: Attribute] = [:]
  ) -> Node {
    Node(name: output, kind: kind, inputs: inputs, outputs: [output], attributes: attributes)
  }

  /// Nothing but the border's values is of 16 bits, and every node takes what it reads.
  private func expectSingle(_ graph: Graph) throws {
    let seen = graph.wideningStoredHalves(keepsValues: true)
    try GraphCheck.check(seen)
    let kinds = GraphKinds(inferring: seen)
    let border = Set((graph.inputs + graph.outputs).map(\.name))
    for output in seen.nodes.flatMap(\.outputs) where !border.contains(output) {
      #expect(kinds[output]?.dataType != .float16, "\(output)")
    }
  }

  @Test func wholeModel() throws {
    let found = SinglePrecision.widened(
      graph(
        [node("MatMul", ["x", "w"], "h"), node("Relu", ["h"], "y")], weights: ["w": weight]))
    try expectSingle(found)
    #expect(found.nodes.map(\.kind) == ["Cast", "MatMul", "Relu", "Cast"])
    #expect(found.inputs[0].dataType == .float16 && found.outputs[0].dataType == .float16)
    // Weights stay as they are stored.
    #expect(found.initializers["w"]?.dataType == .float16 && found.storedHalves == ["w"])
  }

  @Test func partBetweenCasts() throws {
    let found = SinglePrecision.widened(
      graph(
        [
          node("Cast", ["x"], "c", ["to": .int(10)]), node("MatMul", ["c", "w"], "h"),
          node("Cast", ["h"], "y", ["to": .int(1)]),
        ], input: .float32, output: .float32, weights: ["w": weight]))
    try expectSingle(found)
    #expect(found.nodes.map(\.kind) == ["Identity", "MatMul", "Identity"])
  }

  @Test("attributes that hold or name 16 bits, and nested graphs, follow")
  func attributesAndBranches() throws {
    func branch(_ name: String) -> Graph {
      Graph(
        name: name, inputs: [], outputs: [ValueInfo(name: name, dataType: .float16, dimensions: nil)],
        nodes: [node("Add", ["x", name + "w"], name)], initializers: [name + "w": weight], opsets: ["": 17])
    }
    var source = graph([
      node("Shape", ["x"], "s"),
      node(
        "ConstantOfShape", ["s"], "o", ["value": .tensor(Tensor(shape: [1], of: Float16.self) { $0[0] = 1 })]),
      node("If", ["c"], "i", ["then_branch": .graph(branch("a")), "else_branch": .graph(branch("b"))]),
      node("Add", ["i", "o"], "y"),
    ])
    source.inputs.append(ValueInfo(name: "c", dataType: .bool, dimensions: []))
    try expectSingle(SinglePrecision.widened(source))
  }

  @Test("a graph of float32 is left alone, as one that is only stored in 16 bits")
  func others() {
    let nodes = [node("MatMul", ["x", "w"], "y")]
    let stored = graph(nodes, input: .float32, output: .float32, weights: ["w": weight])
    #expect(SinglePrecision.widened(stored).nodes.count == 1)
  }
}
