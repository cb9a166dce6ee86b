import GraphIR
import Rewriting
import TensorCore
import Testing

/// What each form becomes, as text.
@Suite("Forms of layers")
struct FormTextTests {
  private let weight = Weight.dense(Tensor(shape: [2, 3], of: Float.self) { $0.update(repeating: 1) })

  private func normalized(_ nodes: [Node], _ weights: [String: Weight], input: [Int]) throws -> String {
    let graph = Graph(
      name: "g",
      inputs: [ValueInfo(name: "x", dataType: .float32, dimensions: input.map { .fixed($0) })],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)], nodes: nodes,
      initializers: weights, opsets: ["": 17])
    return try LayerForms.normalized(graph).text
  }

  @Test func aTransposedWeightIsTheLayersOwn() throws {
    let text = try normalized(
      [
        Node(name: "t", kind: "Transpose", inputs: ["w"], outputs: ["wt"]),
        Node(name: "m", kind: "MatMul", inputs: ["x", "wt"], outputs: ["y"]),
      ], ["w": weight], input: [1, 3])
    #expect(text == "m: MatMul(x, wt:float32[3, 2]) -> y")
  }

  @Test func aConstantOnTheLeftGoesToTheRight() throws {
    let text = try normalized(
      [Node(name: "m", kind: "MatMul", inputs: ["w", "x"], outputs: ["y"])], ["w": weight], input: [3, 4])
    #expect(
      text == """
        m/turn-in: Transpose(x) -> m/in
        m: MatMul(m/in, w/turned:float32[3, 2]) -> m/product
        m/turn-out: Transpose(m/product) -> y
        """)
  }
}
