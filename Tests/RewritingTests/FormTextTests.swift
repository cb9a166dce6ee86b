import GraphIR
import Rewriting
import TensorCore
import Testing

/// What each form becomes, as text; what it computes stays the same, and invariants hold after every pass.
@Suite("Forms of layers")
struct FormTextTests {
  private func normalized(_ graph: Graph) throws -> String {
    var builder = GraphBuilder(graph)
    for pass in PassList.forms.passes {
      try PassList(name: pass.label, passes: [pass]).apply(to: &builder)
      try builder.checkInvariants()
    }
    let found = try builder.finished()
    try expectSame(found, graph)
    #expect(try LayerForms.normalized(graph).text == found.text)
    return found.text
  }

  @Test func aTransposedWeightIsTheLayersOwn() throws {
    let text = try normalized(
      graph(
        [node("t", "Transpose", ["w"], ["wt"]), node("m", "MatMul", ["x", "wt"], ["y"])],
        ["w": matrix(4, 3)]))
    #expect(text == "m: MatMul(x, wt:float32[3, 4]) -> y")
  }

  @Test func aConstantOnTheLeftGoesToTheRight() throws {
    let text = try normalized(
      graph([node("m", "MatMul", ["w", "x"], ["y"])], ["w": matrix(2, 3)], input: [3, 4]))
    #expect(
      text == """
        m/turn-in: Transpose(x) -> m/in
        m: MatMul(m/in, w/turned:float32[3, 2]) -> m/product
        m/turn-out: Transpose(m/product) -> y
        """)
  }

  @Test func anEinsumIsAProduct() throws {
    let text = try normalized(
      graph(
        [node("e", "Einsum", ["x", "w"], ["y"], ["equation": .string("ld,kd->lk")])], ["w": matrix(4, 3)]))
    #expect(text == "e: MatMul(x, w/matrix:float32[3, 4]) -> y")
  }

  @Test func padsOfZerosBelongToTheConvolutionsBehindThem() throws {
    let image: [String: Weight] = ["w": floats([1, 2, 3, 4], [1, 1, 2, 2])]
    let conv = node("c", "Conv", ["p:0", "w"], ["y"], ["pads": .ints([0, 1, 0, 0])])
    func pad(_ amounts: [Int], _ attributes: [String: Attribute] = [:]) -> Node {
      node("p", "Pad", ["x"], ["p:0"], attributes.merging(["pads": .ints(amounts)]) { $1 })
    }
    func text(_ nodes: [Node]) throws -> String {
      try normalized(graph(nodes, image, input: [1, 1, 3, 4], opset: 10))
    }
    let padded = try LayerForms.normalized(
      graph([pad([0, 0, 1, 0, 0, 0, 2, 1]), conv], image, input: [1, 1, 3, 4], opset: 10))
    #expect(padded.nodes.map(\.kind) == ["Conv"])
    #expect(padded.nodes[0].ints("pads") == [1, 1, 2, 1])
    #expect(try text([pad([0, 0, 1, 0, 0, 0, 2, 1]), conv]) == "c: Conv(x, w:float32[1, 1, 2, 2]) -> y")
    #expect(try text([pad([Int](repeating: 0, count: 8)), conv]).hasPrefix("c: Conv(x, "))
    // Neither other numbers, nor what is cut off, nor channels, nor what others read too.
    let stays = [
      pad([0, 0, 1, 0, 0, 0, 2, 1], ["value": .float(1)]), pad([0, 0, -1, 0, 0, 0, 0, 0]),
      pad([0, 0, 1, 1, 0, 0, 1, 1], ["mode": .string("edge")]),
    ]
    for pad in stays { #expect(try text([pad, conv]).hasPrefix("p: Pad(x) -> p:0")) }
    let both = node("s", "Identity", ["p:0"], ["z"])
    #expect(try text([pad([0, 0, 1, 0, 0, 0, 2, 1]), conv, both]).hasPrefix("p: Pad(x) -> p:0"))
  }

  @Test func padsOfZerosBelongToTheAveragesThatCountThem() throws {
    func pooled(_ attributes: [String: Attribute]) throws -> Graph {
      let all = attributes.merging(["kernel_shape": .ints([2, 2])]) { $1 }
      let made = graph(
        [node("p", "Pad", ["x", "n"], ["p:0"]), node("a", "AveragePool", ["p:0"], ["y"], all)],
        ["n": .dense(try Tensor(shape: [8], [0, 0, 1, 0, 0, 0, 1, 1] as [Int64]))], input: [1, 2, 3, 4])
      _ = try normalized(made)
      return try LayerForms.normalized(made)
    }
    let fused = try pooled([:])
    #expect(fused.nodes.map(\.kind) == ["AveragePool"])
    #expect(fused.nodes[0].ints("pads") == [1, 0, 1, 1] && fused.nodes[0].int("count_include_pad") == 1)
    // A last window that hangs over counts what is padded, but not what is missing.
    #expect(try pooled(["ceil_mode": .int(1)]).nodes.count == 2)
    #expect(try pooled(["pads": .ints([0, 0, 0, 1])]).nodes.count == 2)
  }

  @Test func packedBlocksAreAProduct() throws {
    let packed = Weight.dense(Tensor(shape: [2, 1, 8], of: UInt8.self) { $0.update(repeating: 0x9a) })
    let text = try normalized(
      graph(
        [
          node(
            "n", OperatorKind("MatMulNBits", domain: "com.microsoft"), ["x", "q", "s"], ["y"],
            ["K": .int(16), "N": .int(2), "bits": .int(4), "block_size": .int(16)])
        ], ["q": packed, "s": floats([0.5, 2])], input: [3, 16]))
    #expect(text == "n: MatMul(x, q/weight:4bit[16, 2]) -> y")
  }

  @Test func codesAreALayerBetweenQuantizers() throws {
    let codes = Weight.dense(Tensor(shape: [3, 2], of: Int8.self) { $0.update(repeating: 3) })
    let zero = Weight.dense(Tensor(scalar: UInt8(128)))
    let text = try normalized(
      graph(
        [
          node("q", "QuantizeLinear", ["x", "s", "z"], ["c"]),
          node("m", "QLinearMatMul", ["c", "s", "z", "w", "s", "wz", "s", "z"], ["o"]),
          node("d", "DequantizeLinear", ["o", "s", "z"], ["y"]),
        ],
        [
          "s": scalar(0.1), "z": zero, "w": codes, "wz": .dense(Tensor(scalar: Int8(0))),
        ]))
    #expect(
      text == """
        q: QuantizeLinear(x, s:float32[], z:uint8[]) -> c
        m/dequantize: DequantizeLinear(c, s:float32[], z:uint8[]) -> m/x
        m: MatMul(m/x, w/weight:8bit[3, 2]) -> m/y
        m/quantize: QuantizeLinear(m/y, s:float32[], z:uint8[]) -> o
        d: DequantizeLinear(o, s:float32[], z:uint8[]) -> y
        """)
  }

  @Test func aTransposedConvolutionReadsItsFiltersThroughAView() throws {
    let text = try normalized(
      graph(
        [node("u", "ConvTranspose", ["x", "w"], ["y"])], ["w": floats([1, 2, 3, 4, 5, 6], [2, 3, 1, 1])],
        input: [1, 2, 2, 2]))
    #expect(
      text == """
        w/view: Transpose(w/filters:float32[3, 2, 1, 1]) -> w/window
        u: ConvTranspose(x, w/window) -> y
        """)
  }

  @Test func productsOfCodesAreALayerBehindADequantizer() throws {
    let codes = Weight.dense(Tensor(shape: [3, 2], of: Int8.self) { $0.update(repeating: 3) })
    let text = try normalized(
      graph(
        [
          node("q", "QuantizeLinear", ["x", "s", "z"], ["c"]),
          node(
            "m", OperatorKind("MatMulIntegerToFloat", domain: "com.microsoft"), ["c", "w", "s", "ws", "z"],
            ["y"]),
        ], ["s": scalar(0.1), "z": .dense(Tensor(scalar: UInt8(128))), "w": codes, "ws": floats([1, 2])]))
    #expect(
      text == """
        q: QuantizeLinear(x, s:float32[], z:uint8[]) -> c
        m/dequantize: DequantizeLinear(c, s:float32[], z:uint8[]) -> m/x
        m: MatMul(m/x, w/weight:8bit[3, 2]) -> y
        """)
  }

  @Test func packedAttentionIsALayerAndItsHeads() throws {
    let text = try normalized(
      graph(
        [
          node(
            "a", OperatorKind("Attention", domain: "com.microsoft"), ["x", "w", "b"], ["y"],
            ["num_heads": .int(2)])
        ], ["w": matrix(4, 12), "b": floats([Float](repeating: 0.5, count: 12))], input: [1, 2, 4]))
    #expect(
      text == """
        a: MatMul(x, w:float32[4, 12]) -> a/qkv
        a/bias: Add(a/qkv, b:float32[12]) -> a/qkv-sum
        a/split: Split(a/qkv-sum, a/sizes:int64[3]) -> a/query, a/key, a/value
        a/heads: com.microsoft.MultiHeadAttention(a/query, a/key, a/value) -> y
        """)
  }

  @Test func constantsOfBranchesAreTheModelsOwn() throws {
    func branch(_ name: String) -> Attribute {
      .graph(
        Graph(
          name: name, inputs: [], outputs: [ValueInfo(name: name, dataType: .float32, dimensions: nil)],
          nodes: [node("\(name)/add", "Add", ["x", "w"], [name])], initializers: ["w": floats([1, 2, 3])],
          opsets: ["": 17]))
    }
    let start = graph(
      [node("if", "If", ["c"], ["y"], ["then_branch": branch("t"), "else_branch": branch("e")])],
      ["c": .dense(Tensor(scalar: true))])
    let found = try LayerForms.normalized(start)
    try found.checkInvariants()
    try expectSame(found, start)
    #expect(found.initializers.keys.sorted() == ["c", "w_2", "w_3"])
    #expect(found.nodes[0].bodies.allSatisfy { $0.initializers.isEmpty })
  }
}

/// Operators that ONNX Runtime's optimizer fused, taken apart in one place.
@Suite("Composite operators")
struct CompositeTests {
  private func runtime(_ kind: String) -> OperatorKind { OperatorKind(kind, domain: "com.microsoft") }

  /// Every activation that the operator knows is taken apart when a model is opened, also one with an addend.
  @Test(arguments: [
    ("Relu", [Float](), "Relu(f/Gemm/value)"), ("HardSwish", [], "HardSwish(f/Gemm/value)"),
    ("LeakyRelu", [0.2], "LeakyRelu(f/Gemm/value)"),
  ])
  func aFusedLayerIsTakenApart(_ activation: String, _ parameters: [Float], _ text: String) throws {
    let start = graph(
      [
        node(
          "f", runtime("FusedGemm"), ["x", "w", "b"], ["y"],
          ["activation": .string(activation), "activation_params": .floats(parameters)])
      ], ["w": matrix(3, 2), "b": floats([1, -2])])
    let found = try LayerForms.normalized(start)
    try found.checkInvariants()
    try expectSame(found, start)
    #expect(
      found.text == """
        f: Gemm(x, w:float32[3, 2], b:float32[2]) -> f/Gemm/value
        f/\(activation): \(text) -> y
        """)
  }

  @Test func anOldOperatorSetKeepsWhatItCannotSay() throws {
    let start = graph(
      [node("f", runtime("FusedGemm"), ["x", "w"], ["y"], ["activation": .string("HardSwish")])],
      ["w": matrix(3, 2)], opset: 12)
    #expect(try LayerForms.normalized(start).text == start.text)
    // A plan is never written: its nodes follow an operator set of their own.
    let base = try TypedGraph(planning: start, keep: [], registry: .standard)
    try GraphBuilder(base).checkInvariants()
    #expect(base.graph.nodes.map(\.kind) == ["Gemm", "HardSwish"])
    #expect(base.graph.nodes.map(\.opset) == [21, 21])
    try expectSame(base.graph, start)
  }

  @Test func aProductWithTurnedOperandsIsALayer() throws {
    let start = graph(
      [node("f", runtime("FusedMatMul"), ["x", "w"], ["y"], ["transB": .int(1), "alpha": .float(0.5)])],
      ["w": matrix(4, 3)])
    let found = try LayerForms.normalized(start)
    try expectSame(found, start)
    #expect(
      found.text == """
        f: MatMul(x, f/Transpose/value:float32[3, 4]) -> f/MatMul/value
        f/Mul: Mul(f/MatMul/value, f/constant:float32[]) -> y
        """)
  }

  /// A composition inside a composition, and results that are no step's own.
  @Test func plansHoldNoComposition() throws {
    let text = try planned(
      graph(
        [
          node("c", runtime("NhwcFusedConv"), ["x", "w"], ["c:0"], ["activation": .string("Relu")]),
          node("s", runtime("SkipLayerNormalization"), ["c:0", "c:0", "g"], ["y", "", "", "sum"]),
        ], ["w": floats([1, 2, 3, 4], [2, 2, 1, 1]), "g": floats([1, 2])], input: [1, 2, 2, 2]))
    #expect(
      text == """
        c/Transpose: Transpose(x) -> c/Transpose/value
        c: Conv(c/Transpose/value, w:float32[2, 2, 1, 1]) -> c/Conv/value
        c/Relu: Relu(c/Conv/value) -> c/FusedConv/value
        c/Transpose_2: Transpose(c/FusedConv/value) -> c:0
        s/Add: Add(c:0, c:0) -> sum
        s: LayerNormalization(sum, g:float32[2]) -> y
        """)
  }
}
