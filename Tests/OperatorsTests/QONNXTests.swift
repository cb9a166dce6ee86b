import GraphIR
import Operators
import TensorCore
import Testing

/// Values as QONNX's own definitions give them, worked out by hand.
@Suite("Operators of QONNX")
struct QONNXTests {
  private func run(
    _ type: String, _ inputs: [Tensor], domain: String = "qonnx.custom_op.general",
    _ attributes: [String: Attribute] = [:]
  ) throws -> [Float] {
    let names = inputs.indices.map { "i\($0)" }
    let node = Node(
      name: "node", kind: OperatorKind(type, domain: domain), inputs: names, outputs: ["y"],
      attributes: attributes)
    let values = try OperatorRegistry.standard.evaluate(node, opset: 1, constants: inputs.map { $0 })
    return try #require(values[0]).floats
  }

  private func row(_ values: Float...) throws -> Tensor {
    try Tensor(shape: Shape([1, values.count]), values)
  }

  private func quant(
    _ x: Tensor, scale: Float = 0.5, zero: Float = 0, bits: Float = 3, signed: Int = 1, narrow: Int = 0,
    mode: String = "ROUND", domain: String = "onnx.brevitas"
  ) throws -> [Float] {
    try run(
      "Quant", [x, Tensor(scalar: scale), Tensor(scalar: zero), Tensor(scalar: bits)], domain: domain,
      ["signed": .int(signed), "narrow": .int(narrow), "rounding_mode": .string(mode)])
  }

  @Test("codes are clipped to their range, signed or not, narrow or not")
  func ranges() throws {
    let x = try row(-9, -1.9, 0.24, 0.26, 1.4, 9)
    #expect(try quant(x) == [-2, -2, 0, 0.5, 1.5, 1.5])
    #expect(try quant(x, narrow: 1) == [-1.5, -1.5, 0, 0.5, 1.5, 1.5])
    #expect(try quant(x, signed: 0) == [0, 0, 0, 0.5, 1.5, 3.5])
    #expect(try quant(x, signed: 0, narrow: 1) == [0, 0, 0, 0.5, 1.5, 3])
    #expect(try quant(x, zero: 1, domain: "qonnx.custom_op.general") == [-2.5, -2, 0, 0.5, 1, 1])
    #expect(try quant(x, bits: 1, domain: "finn.custom_op.general") == [-0.5, -0.5, 0.5, 0.5, 0.5, 0.5])
  }

  @Test(
    "each way of rounding",
    arguments: [
      ("ROUND", [-2, -2, -1, 0, 0, 2] as [Float]), ("CEIL", [-2, -1, -1, 0, 1, 2]),
      ("FLOOR", [-3, -2, -2, -1, 0, 1]), ("UP", [-3, -2, -2, -1, 1, 2]), ("DOWN", [-2, -1, -1, 0, 0, 1]),
      ("ROUND_TO_ZERO", [-2, -1, -1, 0, 0, 1]), ("HALF_UP", [-3, -2, -1, -1, 1, 2]),
      ("HALF_DOWN", [-2, -1, -1, 0, 0, 1]), ("half_even", [-2, -2, -1, 0, 0, 2]),
    ])
  func roundings(mode: String, expected: [Float]) throws {
    #expect(try quant(row(-2.5, -1.5, -1.25, -0.5, 0.5, 1.5), scale: 1, bits: 4, mode: mode) == expected)
  }

  @Test("a scale for each channel")
  func channels() throws {
    let x = try Tensor(shape: [2, 2], [1, 1, 1, 1] as [Float])
    let scales = try Tensor(shape: [2, 1], [0.3, 2] as [Float])
    #expect(
      try run("Quant", [x, scales, Tensor(scalar: Float(0)), Tensor(scalar: Float(4))]) == [
        3 * 0.3, 3 * 0.3, 0, 0,
      ])
  }

  @Test("bipolar values, truncation in both versions")
  func others() throws {
    #expect(try run("BipolarQuant", [row(-0.1, 0, 3), Tensor(scalar: Float(2))]) == [-2, 2, 2])
    let one = Tensor(scalar: Float(1))
    // 8 bits to 4: the lowest 4 go.
    let first = try run(
      "Trunc",
      [
        row(17, 31, -17, 200), one, Tensor(scalar: Float(0)), Tensor(scalar: Float(8)),
        Tensor(scalar: Float(4)),
      ])
    #expect(first == [1, 1, -2, 12])
    let second = try run(
      "Trunc",
      [
        row(17, 31, -17, 200), one, Tensor(scalar: Float(0)), Tensor(scalar: Float(8)),
        Tensor(scalar: Float(16)),
        Tensor(scalar: Float(0)), Tensor(scalar: Float(4)),
      ])
    #expect(second == [16, 16, -32, 112])
  }

  @Test("thresholds that are reached are counted, by channel")
  func thresholds() throws {
    let limits = try Tensor(shape: [2, 3], [0, 1, 2, 10, 20, 30] as [Float])
    let x = try Tensor(shape: [1, 2, 1, 2], [-1, 1, 10, 25] as [Float])
    #expect(try run("MultiThreshold", [x, limits]) == [0, 2, 1, 2])
    #expect(
      try run("MultiThreshold", [x, limits], ["out_scale": .float(2), "out_bias": .float(-1)]) == [
        -1, 3, 1, 3,
      ])
    let last = try Tensor(shape: [1, 1, 2, 2], [-1, 10, 1, 25] as [Float])
    #expect(try run("MultiThreshold", [last, limits], ["data_layout": .string("NHWC")]) == [0, 1, 2, 2])
    let all = try Tensor(shape: [1, 3], [0, 1, 2] as [Float])
    #expect(try run("MultiThreshold", [row(-1, 0, 5), all]) == [0, 1, 3])
  }

  @Test("bits that no operator takes are named")
  func refused() throws {
    #expect(throws: OperatorError.self) { try quant(row(1), bits: 0) }
    #expect(throws: OperatorError.self) { try quant(row(1), mode: "SOMEHOW") }
  }

  @Test("operators that are not known are counted, in nested graphs too")
  func unknown() {
    let magic = Node(name: "m", kind: "Magic", inputs: ["x"], outputs: ["y"])
    let inner = Graph(name: "g", inputs: [], outputs: [], nodes: [magic], initializers: [:], opsets: [:])
    let outer = Node(
      name: "i", kind: "If", inputs: ["c"], outputs: ["z"],
      attributes: ["then_branch": .graph(inner), "else_branch": .graph(inner)])
    let graph = Graph(
      name: "g", inputs: [], outputs: [], nodes: [magic, outer], initializers: [:], opsets: [:])
    #expect(OperatorRegistry.standard.unknown(in: graph) == ["Magic": 3])
  }

  @Test(
    "a Dropout's mask has the type of its data before operator set 10",
    arguments: [DataType.float16, .bfloat16, .float32])
  func dropoutMask(type: DataType) throws {
    let x = try Tensor(shape: [3], floats: [1, 2, 3], as: type)
    let node = Node(name: "d", kind: "Dropout", inputs: ["x"], outputs: ["y", "mask"])
    let values = try OperatorRegistry.standard.evaluate(node, opset: 7, constants: [x])
    #expect(values[0]?.floats == [1, 2, 3] && values[1]?.floats == [1, 1, 1])
    #expect(values[1]?.dataType == type)
  }
}
