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

  @Test("a border of 16 bits with casts to and from float32 behind it is no model that computes in them")
  func areThoseBehindACastBorder() {
    func cast(_ middle: [Node]) -> Graph {
      var result = graph(
        input: .float16,
        [node("Cast", ["x"], "c", to: 1)] + middle + [node("Cast", ["p"], "y", to: 10)], ["w": half])
      result.outputs[0].dataType = .float16
      return result
    }
    #expect(cast([node("MatMul", ["c", "w"], "p")]).storedHalves == ["w"])
    // Numbers in, 16-bit floats out, and no float32 in sight but for what is cast.
    var table = cast([node("Gather", ["w", "x"], "p")])
    table.inputs[0].dataType = .int64
    table.nodes.removeFirst()
    #expect(table.storedHalves == ["w"])
  }

  @Test("a model whose every weight is stored in 16 bits has float32 outputs to tell")
  func areAllOfATiedModel() {
    let nodes = [
      node("Gather", ["w", "x"], "h"), node("Transpose", ["w"], "t"), node("MatMul", ["h", "t"], "y"),
    ]
    #expect(graph(input: .int64, nodes, ["w": half]).storedHalves == ["w"])
  }
}
