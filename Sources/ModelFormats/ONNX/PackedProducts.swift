import GraphIR
import TensorCore

/// Products with blocks of 4- or 8-bit codes as ONNX Runtime's own `MatMulNBits`, told to keep its inputs as floats: what
/// its optimizer makes of `DequantizeLinear` and `MatMul` rounds them to 8 bits.
///
/// https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MatMulNBits
enum PackedProducts {
  /// The graph with such nodes in the place of the products that they can stand for.
  static func written(_ graph: Graph) throws -> Graph {
    let consumers = graph.consumers
    let captured = graph.nodes.reduce(into: Set(graph.outputs.map(\.name))) { names, node in
      for body in node.bodies { names.formUnion(body.outerReads) }
    }
    var names = NameTable(graph)
    var result = graph
    for (index, node) in graph.nodes.enumerated() {
      // Nobody else may read the weight, which falls away.
      guard let name = node.input(1), consumers[name] == [index], !captured.contains(name),
        case .quantized(let tensor)? = graph.initializers[name],
        let product = Product(node, tensor, in: graph)
      else { continue }
      var inputs = [node.inputs[0]]
      for (what, part) in try product.parts() {
        let stored = names.fresh("\(name)_\(what)")
        result.initializers[stored] = .dense(part)
        inputs.append(stored)
      }
      if let bias = product.bias { inputs += (inputs.count == 3 ? [""] : []) + ["", bias] }
      result.initializers[name] = nil
      result.nodes[index] = Node(
        name: node.name, kind: OperatorKind("MatMulNBits", domain: domain), inputs: inputs,
        outputs: node.outputs,
        attributes: [
          "K": .int(tensor.channelLength), "N": .int(tensor.channelCount), "bits": .int(product.bits),
          "block_size": .int(product.block), "accuracy_level": .int(floatInputs),
        ])
      result.opsets[domain] = 1
    }
    return result
  }

  private static let domain = "com.microsoft"
  /// What the operator calls inputs of float32.
  private static let floatInputs = 1

  /// A product with a weight of blocks [K, N], or [N, K] where it is transposed.
  private struct Product {
    let tensor: QuantizedTensor
    let block: Int
    let bits: Int
    let bias: String?

    /// Nil where the operator cannot stand for the node.
    init?(_ node: Node, _ tensor: QuantizedTensor, in graph: Graph) {
      guard tensor.format == .integer, tensor.shape.rank == 2, let block = tensor.groupSize, block >= 16,
        block & (block - 1) == 0, tensor.groupsPerChannel > 1, tensor.shape.count > 0
      else { return nil }
      switch node.kind {
      case "MatMul" where tensor.axis == 1: bias = nil
      case "Gemm" where tensor.axis == (node.int("transB") ?? 0 == 0 ? 1 : 0):
        guard node.int("transA") ?? 0 == 0, node.float("alpha") ?? 1 == 1, node.float("beta") ?? 1 == 1
        else { return nil }
        if let name = node.input(2) {
          guard graph.initializers[name]?.shape.dimensions == [tensor.channelCount] else { return nil }
        }
        bias = node.input(2)
      default: return nil
      }
      self.tensor = tensor
      self.block = block
      bits = WeightUnfolding.isNarrow(tensor) ? 4 : 8
    }

    /// Codes [N, blocks, bytes], scales [N * blocks], and zero points where not all are 0; 4-bit ones two to a byte, the first
    /// in the low half.
    func parts() throws -> [(String, Tensor)] {
      let (outputs, depth, blocks) = (tensor.channelCount, tensor.channelLength, tensor.groupsPerChannel)
      let middle = bits == 4 ? 8 : 128
      func packed(_ rows: [UInt8], width: Int) -> [UInt8] {
        guard bits == 4 else { return rows }
        return stride(from: 0, to: rows.count, by: width).flatMap { start in
          let row = rows[start..<start + width]
          return row.withUnsafeBytes { PackedElements.packed(UnsafeRawBufferPointer($0), width: 4) }
        }
      }
      var rows = [UInt8](repeating: UInt8(middle), count: outputs * blocks * block)
      for index in tensor.codes.indices {
        let output = tensor.axis == 1 ? index % outputs : index / depth
        let place = tensor.axis == 1 ? index / outputs : index % depth
        rows[output * blocks * block + place] = UInt8(Int(tensor.codes[index]) + middle)
      }
      var parts = [
        (
          "codes",
          try Tensor(
            shape: Shape([outputs, blocks, block * bits / 8]), dataType: .uint8,
            bytes: packed(rows, width: block))
        ),
        ("scale", try Tensor(shape: Shape([outputs * blocks]), tensor.scales)),
      ]
      if !tensor.zeroPoints.isEmpty {
        let zeros = packed(tensor.zeroPoints.map { UInt8(Int($0) + middle) }, width: blocks)
        parts.append(
          ("zero_point", try Tensor(shape: Shape([zeros.count]), dataType: .uint8, bytes: zeros)))
      }
      return parts
    }
  }
}
