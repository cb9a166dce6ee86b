import GraphIR
import TensorCore

/// `com.microsoft.MatMulNBits` (weights [N, blocks, bytes], a scale per block) becomes a MatMul with a weight [K, N].
///
/// https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MatMulNBits
struct PackedMatMul: GraphPass {
  let label = "packed products"

  func run(_ builder: inout GraphBuilder) throws {
    builder.rewrite { node, builder in
      guard node.kind == OperatorKind("MatMulNBits", domain: "com.microsoft"), let x = node.input(0),
        let weight = PackedMatMul.weight(node, builder), node.input(4) == nil
      else { return nil }
      let name = builder.add(weight, node.inputs[1] + "/weight")
      guard let bias = node.input(5) else {
        return [Node(name: node.name, kind: "MatMul", inputs: [x, name], outputs: node.outputs)]
      }
      let product = builder.fresh("\(node.name)/product")
      return [
        Node(name: node.name, kind: "MatMul", inputs: [x, name], outputs: [product]),
        Node(
          name: builder.fresh("\(node.name)/bias"), kind: "Add", inputs: [product, bias],
          outputs: node.outputs
        ),
      ]
    }
  }

  private static func weight(_ node: Node, _ builder: GraphBuilder) -> Weight? {
    guard let inputs = node.int("K"), let outputs = node.int("N"), case let bits = node.int("bits") ?? 4,
      let block = node.int("block_size"), bits == 4 || bits == 8, block >= 16, inputs > 0, outputs > 0,
      let packed = builder.dense(node.input(1)), packed.dataType == .uint8,
      let scales = builder.dense(node.input(2))?.floats
    else { return nil }
    let blocks = (inputs + block - 1) / block
    let perBlock = block * bits / 8
    guard packed.count == outputs * blocks * perBlock, scales.count == outputs * blocks else { return nil }
    var zeros: [Int]?
    if let name = node.input(3) {
      guard let stored = builder.dense(name), stored.dataType == .uint8 else { return nil }
      let row = (blocks * bits + 7) / 8
      guard stored.count == outputs * row else { return nil }
      zeros = (0..<outputs * blocks).map { index in
        let (output, place) = (index / blocks, index % blocks)
        let byte = Int(stored.bytes[output * row + place * bits / 8])
        return bits == 8 ? byte : (byte >> (place % 2 * 4)) & 15
      }
    }
    let middle = bits == 8 ? 128 : 8
    var codes = [Int8](repeating: 0, count: inputs * outputs)
    for output in 0..<outputs {
      for input in 0..<inputs {
        let start = (output * blocks + input / block) * perBlock
        let place = input % block
        let byte = Int(packed.bytes[start + place * bits / 8])
        let code = bits == 8 ? byte : (byte >> (place % 2 * 4)) & 15
        codes[input * outputs + output] = Int8(code - middle)
      }
    }
    // A channel's codes are cut into blocks as its scales are: [N, blocks of K] in both.
    let moved = (zeros ?? []).map { Int32($0 - middle) }
    let tensor = try? QuantizedTensor(
      shape: [inputs, outputs], bits: bits == 8 ? .int8 : .int4, axis: 1,
      groupSize: blocks == 1 ? nil : block, scales: scales,
      zeroPoints: moved.allSatisfy { $0 == 0 } ? [] : moved, codes: codes)
    return tensor.map { .quantized($0) }
  }
}
