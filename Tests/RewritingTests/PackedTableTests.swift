import GraphIR
import Rewriting
import TensorCore
import Testing

/// What ONNX Runtime's GatherBlockQuantized looks up becomes a table of codes.
@Suite("Packed tables")
struct PackedTableTests {
  private func table(_ codes: Tensor, _ scales: Weight, _ zeros: Tensor? = nil, bits: Int) throws
    -> QuantizedTensor
  {
    var weights: [String: Weight] = ["wte.weight": .dense(codes), "s": scales]
    if let zeros { weights["z"] = .dense(zeros) }
    let made = try LayerForms.normalized(
      graph(
        [
          node(
            "node_3", OperatorKind("GatherBlockQuantized", domain: "com.microsoft"),
            ["wte.weight", "x", "s"] + (zeros == nil ? [] : ["z"]), ["y"],
            ["bits": .int(bits), "block_size": .int(16)])
        ], weights, type: .int64))
    #expect(made.nodes.map(\.name) == ["wte"] && made.nodes[0].kind == "Gather")
    guard case .quantized(let tensor)? = made.initializers[made.nodes[0].inputs[0]] else {
      throw TensorError.invalidShape([])
    }
    return tensor
  }

  @Test func pairsOfFourBitsLieLowFirst() throws {
    let bytes = try Tensor(shape: [2, 1], dataType: .uint8, bytes: [0x0F, 0x97])
    let tensor = try table(bytes, floats([1, 0.5], [2, 1]), bits: 4)
    #expect(tensor.bits == .int4 && tensor.codes == [7, -8, -1, 1])
    #expect(tensor.dequantized().floats == [7, -8, -0.5, 0.5])
    let zeros = try Tensor(shape: [2, 1], dataType: .uint8, bytes: [0x07, 0x09])
    #expect(try table(bytes, floats([1, 0.5], [2, 1]), zeros, bits: 4).zeroPoints == [-1, 1])
  }

  @Test func bytesHaveTheirMiddleAt128() throws {
    let bytes = try Tensor(shape: [1, 3], dataType: .uint8, bytes: [0, 128, 130])
    let tensor = try table(bytes, floats([2], [1, 1]), bits: 8)
    #expect(tensor.bits == .int8 && tensor.dequantized().floats == [-256, 0, 4])
  }
}
