import GraphIR
import Rewriting
import TensorCore
import Testing

/// What a plan makes of groups of nodes, as text.
@Suite("Fusion and folding")
struct FusionTextTests {
  private let byte: [String: Weight] = [
    "s": scalar(0.1), "z": .dense(Tensor(scalar: UInt8(3))), "i": .dense(Tensor(scalar: Int8(-5))),
  ]

  @Test func whatIsConstantIsFolded() throws {
    let text = try planned(
      graph(
        [
          node("n", "Neg", ["w"], ["nw"]), node("shape", "Shape", ["x"], ["size"]),
          node("m", "MatMul", ["x", "nw"], ["p"]), node("r", "Reshape", ["p", "size"], ["y"]),
        ], ["w": matrix(3, 3)]))
    #expect(
      text == """
        m: MatMul(x, nw:float32[3, 3]) -> p
        r: Reshape(p, size:int64[2]) -> y
        """)
  }

  @Test func dequantizedCodesAreAWeight() throws {
    let codes = Weight.dense(Tensor(shape: [3, 2], of: UInt8.self) { $0.update(repeating: 130) })
    let text = try planned(
      graph(
        [node("d", "DequantizeLinear", ["w", "s"], ["dw"]), node("m", "MatMul", ["x", "dw"], ["y"])],
        ["w": codes, "s": scalar(0.5)]))
    #expect(text == "m: MatMul(x, dw:8bit[3, 2]) -> y")
  }

  @Test func identitiesAreRemoved() throws {
    let text = try planned(
      graph([
        node("a", "Identity", ["x"], ["a:0"]), node("b", "Cast", ["a:0"], ["b:0"], ["to": .int(1)]),
        node("c", "Neg", ["b:0"], ["c:0"]), node("d", "Dropout", ["c:0"], ["d:0"]),
        node("e", "Identity", ["d:0"], ["y"]),
      ]))
    #expect(text == "c: Neg(x) -> y")
    let kept = try planned(
      graph([node("a", "Neg", ["x"], ["a:0"]), node("b", "Identity", ["a:0"], ["y"])]), keep: ["a:0"])
    #expect(kept == "a: Neg(x) -> a:0\nb: Identity(a:0) -> y")
  }

  @Test func nodesThatNothingReadsGo() throws {
    #expect(
      try planned(graph([node("a", "Neg", ["x"], ["a:0"]), node("b", "Exp", ["x"], ["y"])]))
        == "b: Exp(x) -> y")
  }

  @Test func gelu() throws {
    let text = try planned(
      graph(
        [
          node("d", "Div", ["x", "root"], ["d:0"]), node("e", "Erf", ["d:0"], ["e:0"]),
          node("a", "Add", ["e:0", "one"], ["a:0"]), node("m", "Mul", ["x", "a:0"], ["m:0"]),
          node("h", "Mul", ["m:0", "half"], ["y"]),
        ], ["root": scalar(Float(2).squareRoot()), "one": scalar(1), "half": scalar(0.5)]))
    #expect(text == "h: Gelu(x) -> y")
  }

  @Test func hardSwish() throws {
    let text = try planned(
      graph([
        node("h", "HardSigmoid", ["x"], ["h:0"], ["alpha": .float(1.0 / 6)]),
        node("m", "Mul", ["x", "h:0"], ["y"]),
      ]))
    #expect(text == "m: HardSwish(x) -> y")
  }

  @Test func layerNormalization() throws {
    let mean: [String: Attribute] = ["axes": .ints([-1])]
    let text = try planned(
      graph(
        [
          node("m", "ReduceMean", ["x"], ["m:0"], mean), node("c", "Sub", ["x", "m:0"], ["c:0"]),
          node("s", "Mul", ["c:0", "c:0"], ["s:0"]), node("v", "ReduceMean", ["s:0"], ["v:0"], mean),
          node("e", "Add", ["v:0", "tiny"], ["e:0"]), node("r", "Sqrt", ["e:0"], ["r:0"]),
          node("d", "Div", ["c:0", "r:0"], ["d:0"]), node("g", "Mul", ["d:0", "scale"], ["y"]),
        ], ["tiny": scalar(1e-5), "scale": floats([1, 2, 3])]))
    #expect(
      text == "g: LayerNormalization(x, scale:float32[3], c/constant:float32[3]) -> y")
  }

  @Test func signedCodesBecomeUnsigned() throws {
    let text = try planned(
      graph(
        [
          node("q", "QuantizeLinear", ["x", "s", "i"], ["c"]),
          node("d", "DequantizeLinear", ["c", "s", "i"], ["y"]),
        ], byte))
    #expect(
      text == """
        q: QuantizeLinear(x, s:float32[], c/zero:uint8[]) -> c
        d: DequantizeLinear(c, s:float32[], c/zero:uint8[]) -> y
        """)
  }

  @Test(
    arguments: [
      ("Slice", ["starts": .ints([0]), "ends": .ints([1]), "axes": .ints([3])], true),
      ("MaxPool", ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])], true),
      ("SpaceToDepth", ["blocksize": .int(2)], true),
      // It takes floats alone.
      ("GlobalMaxPool", [:], false),
      // Most of the image goes.
      ("Slice", ["starts": .ints([0]), "ends": .ints([1]), "axes": .ints([2])], false),
    ] as [(OperatorKind, [String: Attribute], Bool)])
  func quantizersPassWhatPicksElements(kind: OperatorKind, attributes: [String: Attribute], passes: Bool)
    throws
  {
    let text = try planned(
      graph(
        [
          node("a", "Relu", ["x"], ["a:0"]), node("p", kind, ["a:0"], ["p:0"], attributes),
          node("q", "QuantizeLinear", ["p:0", "s", "z"], ["c"]),
          node("d", "DequantizeLinear", ["c", "s", "z"], ["y"]),
        ], byte, input: [1, 2, 8, 2], opset: 9))
    #expect(text.contains("QuantizeLinear(a:0,") == passes, "\(text)")
  }

  @Test func quantizersAreMergedCancelledAndHoisted() throws {
    let text = try planned(
      graph(
        [
          node("a", "Relu", ["x"], ["a:0"]), node("f", "Flatten", ["a:0"], ["f:0"]),
          node("q1", "QuantizeLinear", ["f:0", "s", "z"], ["c1"]),
          node("d1", "DequantizeLinear", ["c1", "s", "z"], ["d1:0"]),
          node("q2", "QuantizeLinear", ["d1:0", "s", "z"], ["c2"]),
          node("d2", "DequantizeLinear", ["c2", "s", "z"], ["d2:0"]),
          node("m", "Add", ["d1:0", "d2:0"], ["y"]),
        ], byte))
    #expect(
      text == """
        a: Relu(x) -> a:0
        q1: QuantizeLinear(a:0, s:float32[], z:uint8[]) -> c1/hoisted
        f: Flatten(c1/hoisted) -> c1
        d1: DequantizeLinear(c1, s:float32[], z:uint8[]) -> d1:0
        m: Add(d1:0, d1:0) -> y
        """)
  }
}
