import GraphIR
import TensorCore
import Testing

@Suite("Weights that are only stored in 16 bits")
struct StoredHalvesTests {
  private let half = Weight.dense(Tensor(shape: [2, 2], of: Float16.self) { $0.update(repeating: 1) })
  private let single = Weight.dense(Tensor(shape: [2], of: Float.self) { _ in })

  private func graph(
    input: DataType = .float32, _ nodes: [Node], _ weights: [String: Weight]
  ) -> Graph {
    Graph(
      name: "g", inputs: [ValueInfo(name: "x", dataType: input, dimensions: [.fixed(1), .fixed(2)])],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)], nodes: nodes,
      initializers: weights, opsets: ["": 17])
  }

  private func node(_ kind: OperatorKind, _ inputs: [String], _ output: String, to code: Int? = nil) -> Node {
    Node(
      name: output, kind: kind, inputs: inputs, outputs: [output],
      attributes: code.map { ["to": .int($0)] } ?? [:])
  }

  @Test func areThoseThatMeetFloats() {
    let found = graph(
      [node("MatMul", ["x", "w"], "p"), node("Transpose", ["v"], "t"), node("Add", ["p", "t"], "y")],
      ["w": half, "v": half])
    #expect(found.storedHalves == ["w", "v"])
    let seen = found.wideningStoredHalves(keepsValues: true)
    #expect(seen.initializers["w"]?.tensor.floats == [1, 1, 1, 1])
    #expect(found.wideningStoredHalves(keepsValues: false).initializers["w"]?.dataType == .float32)
  }

  @Test func areNoneInAModelThatComputesInThem() {
    let product = [node("MatMul", ["x", "w"], "y")]
    #expect(graph(input: .float16, product, ["w": half]).storedHalves.isEmpty)
    // Cast on its way in and out.
    let cast = [
      node("Cast", ["x"], "c", to: 10), node("MatMul", ["c", "w"], "p"), node("Cast", ["p"], "y", to: 1),
    ]
    #expect(graph(cast, ["w": half, "f": single]).storedHalves.isEmpty)
    // A table that is read by numbers, in a model without any float32.
    let read = [node("Gather", ["w", "x"], "g"), node("Cast", ["g"], "y", to: 1)]
    #expect(graph(input: .int64, read, ["w": half]).storedHalves.isEmpty)
    #expect(graph(input: .int64, read, ["w": half, "f": single]).storedHalves == ["w"])
  }
}
