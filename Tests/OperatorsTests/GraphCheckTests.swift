import GraphIR
import Operators
import TensorCore
import Testing

@Suite("A graph that is to be written is checked")
struct GraphCheckTests {
  private func graph(
    _ nodes: [Node], opset: Int = 13, input: DataType = .float32, output: DataType = .float32,
    weights: [String: Tensor] = [:]
  ) -> Graph {
    Graph(
      name: "g", inputs: [ValueInfo(name: "x", dataType: input, dimensions: [.fixed(2), .fixed(2)])],
      outputs: [ValueInfo(name: "y", dataType: output, dimensions: [.fixed(2), .fixed(2)])], nodes: nodes,
      initializers: weights.mapValues { .dense($0) }, opsets: ["": opset])
  }

  private func node(
    _ kind: OperatorKind, _ inputs: [String] = ["x"], _ outputs: [String] = ["y"],
    _ attributes: [String: Attribute] = [:]
  ) -> Node {
    Node(name: "n", kind: kind, inputs: inputs, outputs: outputs, attributes: attributes)
  }

  private static let matrix = try! Tensor(shape: [2, 2], [Float](repeating: 1, count: 4))
  private static let half = try! Tensor(shape: [2, 2], [Float16](repeating: 1, count: 4))

  /// The reason that is given.
  private func fault(_ graph: Graph) -> String? {
    do {
      try GraphCheck.check(graph)
      return nil
    } catch let fault as GraphFault {
      #expect(fault.node == "n" || fault.node.isEmpty)
      return fault.reason
    } catch {
      return "\(error)"
    }
  }

  @Test func sound() {
    #expect(fault(graph([node("Relu")])) == nil)
    #expect(fault(graph([node("MatMul", ["x", "w"])], weights: ["w": Self.matrix])) == nil)
    let cast = node("Cast", ["x"], ["y"], ["to": .int(10)])
    #expect(fault(graph([cast], output: .float16)) == nil)
    #expect(fault(graph([node(OperatorKind("Own", domain: "org.example"))])) == nil)
  }

  @Test("forms of later sets", arguments: [(9, true), (10, true), (11, false), (13, false)])
  func gemm(opset: Int, isRefused: Bool) {
    let graph = graph([node("Gemm", ["x", "w"])], opset: opset, weights: ["w": Self.matrix])
    #expect((fault(graph) != nil) == isRefused)
    #expect(GraphCheck.neededOpset(of: graph) == max(opset, 11))
  }

  @Test func operatorsThatTheSetLacks() {
    #expect(fault(graph([node("LayerNormalization", ["x", "w"])], opset: 13)) != nil)
    #expect(fault(graph([node("Upsample", ["x", "w"])], opset: 13)) != nil)
    #expect(fault(graph([node("Unheard")])) != nil)
  }

  @Test func inputsAndOutputs() {
    #expect(fault(graph([node("Relu", ["x", "x"])])) != nil)
    #expect(fault(graph([node("Add", ["x"])])) != nil)
    #expect(fault(graph([node("Add", ["", "x"])])) != nil)
    #expect(fault(graph([node("Relu", ["x"], ["y", "z"])])) != nil)
    #expect(fault(graph([node("Clip", ["x", "", "w"])], weights: ["w": Tensor(scalar: Float(1))])) == nil)
  }

  @Test func attributes() {
    #expect(fault(graph([node("Relu", ["x"], ["y"], ["axis": .int(1)])])) != nil)
    #expect(fault(graph([node("Softmax", ["x"], ["y"], ["axis": .float(1)])])) != nil)
    #expect(fault(graph([node("Cast")])) != nil)
    #expect(fault(graph([node("ReduceMean", ["x"], ["y"], ["axes": .ints([1])])], opset: 18)) != nil)
    #expect(fault(graph([node("ReduceMean", ["x"], ["y"], ["axes": .ints([1])])], opset: 17)) == nil)
  }

  @Test func elementTypes() {
    #expect(fault(graph([node("MatMul", ["x", "w"])], weights: ["w": Self.half])) != nil)
    #expect(fault(graph([node("Relu")], input: .bool, output: .bool)) != nil)
    #expect(fault(graph([node("Relu")], opset: 12, input: .bfloat16, output: .bfloat16)) != nil)
    #expect(fault(graph([node("Relu")], opset: 13, input: .bfloat16, output: .bfloat16)) == nil)
    #expect(fault(graph([node("Relu")], output: .float16)) != nil)
  }

  @Test func names() {
    #expect(fault(graph([node("Relu", ["unmade"])])) != nil)
    #expect(fault(graph([node("Relu"), node("Relu", ["x"], ["z"])])) != nil)
    let second = Node(name: "m", kind: "Relu", inputs: ["x"], outputs: ["y"])
    #expect(fault(graph([node("Relu"), second])) != nil)
    #expect(fault(graph([node("Relu", ["x"], ["z"])])) != nil)
  }

  @Test("a quantized weight is nothing that a file holds")
  func quantized() throws {
    var graph = graph([node("MatMul", ["x", "w"])])
    graph.initializers["w"] = .quantized(
      try QuantizedTensor(
        shape: [2, 2], bits: .int8, axis: nil, scales: [1], zeroPoints: [], codes: [1, 2, 3, 4]))
    #expect(fault(graph) != nil)
  }

  @Test("nested graphs are looked into, with what they read from around them")
  func nested() {
    func branch(_ name: String, _ kind: OperatorKind, _ inputs: [String]) -> Graph {
      Graph(
        name: name, inputs: [], outputs: [ValueInfo(name: name, dataType: .float32, dimensions: nil)],
        nodes: [Node(name: "n", kind: kind, inputs: inputs, outputs: [name])], initializers: [:],
        opsets: ["": 13])
    }
    func chosen(_ other: Graph) -> Graph {
      var result = graph([
        node(
          "If", ["c"], ["y"],
          ["then_branch": .graph(branch("a", "Relu", ["x"])), "else_branch": .graph(other)])
      ])
      result.inputs.append(ValueInfo(name: "c", dataType: .bool, dimensions: []))
      return result
    }
    #expect(fault(chosen(branch("b", "Sigmoid", ["x"]))) == nil)
    #expect(fault(chosen(branch("b", "Not", ["x"]))) != nil)
    #expect(fault(chosen(branch("b", "Sigmoid", ["unmade"]))) != nil)
  }

  @Test("types are followed through sequences")
  func sequences() {
    let made = Node(name: "m", kind: "SequenceConstruct", inputs: ["x", "x"], outputs: ["s"])
    #expect(fault(graph([made, node("ConcatFromSequence", ["s"], ["y"], ["axis": .int(0)])])) == nil)
    #expect(fault(graph([made, node("Relu", ["s"])])) != nil)
  }
}
