import GraphIR
import Kernels
import Operators
import TensorCore
import Testing

@Suite("Shape inference")
struct ShapeInferenceTests {
  /// x[N, T] -> reshaped to [N * T / 4, 4] by a chain of shape computations, as exporters write it.
  private var chain: Graph {
    func node(
      _ kind: OperatorKind, _ inputs: [String], _ output: String, _ attributes: [String: Attribute] = [:]
    ) -> Node {
      Node(name: output, kind: kind, inputs: inputs, outputs: [output], attributes: attributes)
    }
    return Graph(
      name: "chain",
      inputs: [ValueInfo(name: "x", dataType: .float32, dimensions: [.symbolic("N"), .symbolic("")])],
      outputs: [ValueInfo(name: "y", dataType: .float32, dimensions: nil)],
      nodes: [
        node("Shape", ["x"], "shape"),
        node("Gather", ["shape", "zero"], "n"),
        node("Gather", ["shape", "one"], "t"),
        node("Mul", ["n", "t"], "count"),
        node("Constant", [], "four", ["value_int": .int(4)]),
        node("Div", ["count", "four"], "rows"),
        node("Unsqueeze", ["rows", "axes"], "rows1"),
        node("Unsqueeze", ["four", "axes"], "four1"),
        node("Concat", ["rows1", "four1"], "target", ["axis": .int(0)]),
        node("Reshape", ["x", "target"], "y"),
      ],
      initializers: [
        "zero": .dense(Tensor(scalar: Int64(0))), "one": .dense(Tensor(scalar: Int64(1))),
        "axes": .dense(list(0)),
      ], opsets: ["": 17])
  }

  @Test("folds shape computations down to the reshape")
  func folds() throws {
    let known = try ShapeInference.inferTypes(graph: chain, dimensions: ["N": 6, "x.1": 10])
    #expect(known.types["y"] == TensorType(.float32, [15, 4]))
    #expect(known.constants["target"]?.integers == [15, 4])
    #expect(known.foldedNodes.count == 9)
    let x = counting([6, 10])
    let y = try ReferenceRunner(table: .for(.portable)).run(chain, inputs: ["x": x])["y"]
    #expect(y?.floats == x.floats && y?.shape == [15, 4])
  }

  @Test("lists symbolic dimensions and refuses to guess them")
  func symbols() {
    #expect(ShapeInference.symbolicDimensions(of: chain) == ["N", "x.1"])
    #expect(throws: OperatorError.unboundDimension(name: "x.1", input: "x")) {
      try ShapeInference.inferTypes(graph: chain, dimensions: ["N": 6])
    }
    #expect(throws: OperatorError.dimension(name: "N", found: 0)) {
      try ShapeInference.inferTypes(graph: chain, dimensions: ["N": 0, "x.1": 4])
    }
    #expect("\(OperatorError.unboundDimension(name: "N", input: "x"))".contains("--dim N=VALUE"))
  }

  @Test("names the input that must be constant")
  func needsConstant() {
    let graph = graph(
      "Reshape", inputs: ["x": counting([4]), "s": list(2, 2)], order: ["x", "s"])
    #expect(throws: OperatorError.needsConstant(kind: "Reshape", node: "node", input: "s")) {
      try ShapeInference.inferTypes(graph: graph, dimensions: [:])
    }
  }

  @Test("refuses old operator sets, unknown ranks, values larger than memory and undefined ones")
  func refusals() {
    var old = chain
    old.opsets = ["": 6]
    #expect(throws: OperatorError.opsetTooOld(found: 6, lowest: 7)) {
      try ShapeInference.inferTypes(graph: old, dimensions: [:])
    }
    var unknown = chain
    unknown.inputs[0].dimensions = nil
    #expect(throws: OperatorError.unknownRank(input: "x")) {
      try ShapeInference.inferTypes(graph: unknown, dimensions: [:])
    }
    for size in [1 << 40, 1 << 62] {
      let huge = graph("ConstantOfShape", constants: ["s": list(size)], order: ["s"])
      #expect(throws: OperatorError.self) { try ShapeInference.inferTypes(graph: huge, dimensions: [:]) }
    }
    let dangling = graph("Relu", order: ["nowhere"])
    #expect(throws: OperatorError.undefinedValue(name: "nowhere", node: "node")) {
      try ShapeInference.inferTypes(graph: dangling, dimensions: [:])
    }
  }

  @Test("keeps large constants out of the fold, and dequantizes weights it folds")
  func foldingLimit() throws {
    let large = graph("ConstantOfShape", constants: ["s": list(1 << 25)], order: ["s"])
    let known = try ShapeInference.inferTypes(graph: large, dimensions: [:])
    #expect(known.foldedNodes.isEmpty && known.types["y0"]?.shape.count == 1 << 25)

    var turned = graph("Transpose", order: ["w"])
    let codes = try QuantizedTensor(
      shape: [1, 3], bits: .int8, axis: nil, scales: [0.5], zeroPoints: [], codes: [1, 2, 4])
    turned.initializers = ["w": .quantized(codes)]
    let folded = try ShapeInference.inferTypes(graph: turned, dimensions: [:])
    #expect(folded.constants["y0"]?.floats == [0.5, 1, 2] && folded.constants["y0"]?.shape == [3, 1])
  }
}
