import GraphIR
import TensorCore
import Testing

@Suite("Names for new values and nodes")
struct NameTableTests {
  private static func graph(_ nodes: [Node], inputs: [String] = [], weights: [String] = []) -> Graph {
    Graph(
      name: "g", inputs: inputs.map { ValueInfo(name: $0, dataType: .float32, dimensions: nil) },
      outputs: [], nodes: nodes,
      initializers: Dictionary(
        uniqueKeysWithValues: weights.map { ($0, .dense(Tensor(scalar: Float(0)))) }),
      opsets: ["": 13])
  }

  @Test func numbersStartAtTwoAndPassOverWhatIsTaken() {
    var names = NameTable(taken: ["a", "a_3"])
    #expect(
      ["a", "a", "a", "b", "b", "a_2"].map { names.fresh($0) } == ["a_2", "a_4", "a_5", "b", "b_2", "a_2_2"])
    names.take(["c"])
    #expect(names.fresh("c") == "c_2")
  }

  @Test("inputs, weights, nodes and values are taken, and so is no name at all")
  func whatAGraphUses() {
    let node = Node(name: "node", kind: "Add", inputs: ["x", "w", "outer"], outputs: ["y", ""])
    let table = NameTable(Self.graph([node], inputs: ["x"], weights: ["w"]))
    for name in ["node", "x", "w", "outer", "y", ""] {
      var names = table
      #expect(names.fresh(name) == name + "_2", "\(name)")
    }
  }

  @Test("nested graphs are looked into, however deep and in lists")
  func nested() {
    let inner = Self.graph([Node(name: "deep", kind: "Relu", inputs: ["x"], outputs: ["deeper"])])
    let middle = Self.graph(
      [Node(name: "if", kind: "If", inputs: ["c"], outputs: ["d"], attributes: ["then": .graph(inner)])],
      weights: ["inside"])
    let outer = Self.graph(
      [Node(name: "n", kind: "Case", inputs: [], outputs: [], attributes: ["bodies": .graphs([middle])])])
    var names = NameTable(outer)
    #expect(
      ["deep", "deeper", "if", "inside"].map { names.fresh($0) } == [
        "deep_2", "deeper_2", "if_2", "inside_2",
      ])
  }

  @Test func nestedGraphsAreReplacedInTheOrderOfTheirNames() {
    let (first, second) = (Self.graph([], inputs: ["1"]), Self.graph([], inputs: ["2"]))
    var node = Node(
      name: "if", kind: "If", inputs: [], outputs: [],
      attributes: ["then": .graph(second), "else": .graph(first), "axis": .int(3)])
    var seen: [String] = []
    node.mapBodies { body in
      seen += body.inputs.map(\.name)
      return Self.graph([], inputs: body.inputs.map { $0.name + "'" })
    }
    #expect(seen == ["1", "2"])
    #expect(Set(node.bodies.flatMap { $0.inputs.map(\.name) }) == ["1'", "2'"])
    #expect(node.int("axis") == 3)
  }
}
