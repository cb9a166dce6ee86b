import GraphIR
import Rewriting
import TensorCore
import Testing

/// Weights behind QONNX's Quant are codes of as many bits.
@Suite("Quantized constants")
struct QuantizedConstantTests {
  private func weight(
    _ values: [Float], scale: Weight, zero: Float = 0, bits: Float, signed: Int = 1, narrow: Int = 0,
    type: String = "Quant"
  ) throws -> Weight {
    let inputs = type == "Quant" ? ["fc.weight", "s", "z", "b"] : ["fc.weight", "s"]
    let quant = node(
      "q", OperatorKind(type, domain: "onnx.brevitas"), inputs, ["wq"],
      ["signed": .int(signed), "narrow": .int(narrow)])
    let made = try LayerForms.normalized(
      graph(
        [quant, node("MatMul_1", "MatMul", ["x", "wq"], ["y"])],
        ["fc.weight": floats(values, [3, 2]), "s": scale, "z": scalar(zero), "b": scalar(bits)]))
    #expect(made.nodes.map(\.name) == ["fc"])
    return try #require(made.initializers["wq"])
  }

  private let values: [Float] = [-9, -0.6, 0.2, 0.3, 0.9, 9]

  private func codes(_ weight: Weight) throws -> QuantizedTensor {
    guard case .quantized(let tensor) = weight else { throw TensorError.invalidShape([]) }
    return tensor
  }

  @Test func signedCodesOfFourBits() throws {
    let tensor = try codes(weight(values, scale: scalar(0.5), bits: 4))
    #expect(tensor.bits == .int4 && tensor.axis == nil && tensor.codes == [-8, -1, 0, 1, 2, 7])
    #expect(tensor.dequantized().floats == [-4, -0.5, 0, 0.5, 1, 3.5])
  }

  @Test func codesWithoutSignMoveDown() throws {
    let tensor = try codes(weight(values, scale: scalar(0.5), zero: 2, bits: 3, signed: 0))
    #expect(tensor.bits == .int3 && tensor.codes == [-4, -3, -2, -1, 0, 3] && tensor.zeroPoints == [-2])
    #expect(tensor.dequantized().floats == [-1, -0.5, 0, 0.5, 1, 2.5])
  }

  @Test func scalesByColumn() throws {
    let tensor = try codes(weight(values, scale: floats([0.5, 0.25], [1, 2]), bits: 8, narrow: 1))
    #expect(tensor.bits == .int8 && tensor.axis == 1 && tensor.scales == [0.5, 0.25])
    #expect(tensor.dequantized().floats == [-9, -0.5, 0, 0.25, 1, 9])
  }

  @Test func oneBitIsBinary() throws {
    let tensor = try codes(weight(values, scale: scalar(2), bits: 1, type: "BipolarQuant"))
    #expect(tensor.bits == .binary && tensor.codes == [-1, -1, 1, 1, 1, 1])
  }

  @Test func moreThanEightBitsAreValues() throws {
    guard case .dense(let tensor) = try weight(values, scale: scalar(0.125), bits: 12) else {
      Issue.record("12 bits are no codes")
      return
    }
    #expect(tensor.floats == [-9, -0.625, 0.25, 0.25, 0.875, 9])
  }

  @Test func shapesThatNobodyReadsGo() throws {
    let made = try LayerForms.normalized(
      graph(
        [
          node("s", "Shape", ["fc.weight"], ["shape"]), node("n", "Size", ["shape"], ["rank"]),
          node("fc", "MatMul", ["x", "fc.weight"], ["y"]),
        ], ["fc.weight": matrix(3, 3)]))
    #expect(made.nodes.map(\.name) == ["fc"])
  }
}
