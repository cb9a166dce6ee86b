import GraphIR
import Operators
import TensorCore

/// `com.microsoft.GatherBlockQuantized` of constant codes becomes a Gather of a table of codes, which is a layer.
///
/// https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.GatherBlockQuantized
struct PackedTables: GraphPass {
  let label = "packed tables"

  func run(_ builder: inout GraphBuilder) throws {
    builder.rewrite { node, builder in
      guard node.kind == .runtime("GatherBlockQuantized"), let places = node.input(1),
        let table = Self.table(node, builder)
      else { return nil }
      var gather = Node(
        name: node.name, kind: "Gather",
        inputs: [builder.add(.quantized(table), node.inputs[0] + "/table"), places], outputs: node.outputs,
        attributes: ["axis": .int(0)])
      (gather.metadata, gather.formerName) = (node.metadata, node.formerName)
      return [gather]
    }
  }

  /// Nil unless rows of a constant matrix are looked up whose scales belong to blocks of a row.
  private static func table(_ node: Node, _ builder: GraphBuilder) -> QuantizedTensor? {
    let bits = node.int("bits") ?? 4
    guard let stored = builder.dense(node.input(0)), stored.shape.rank == 2, stored.count > 0,
      let scale = builder.dense(node.input(2)), scale.dataType == .float32, scale.shape.rank == 2,
      (node.int("gather_axis") ?? 0) == 0, [1, -1].contains(node.int("quantize_axis") ?? 1),
      case let block = node.int("block_size") ?? 128, block >= 16, bits == 4 || bits == 8
    else { return nil }
    let isPacked = stored.dataType == .uint8 && bits == 4
    let (rows, width) = (stored.shape[0], isPacked ? 2 * stored.shape[1] : stored.shape[1])
    let groups = (width + block - 1) / block
    let middle: Int
    switch stored.dataType {
    case .int4: middle = 0
    case .uint4, .uint8: middle = bits == 4 ? 8 : 128
    default: return nil
    }
    guard scale.shape.dimensions == [rows, groups] else { return nil }
    /// Numbers [rows, width] less the middle.
    func numbers(_ tensor: Tensor, _ width: Int) -> [Int]? {
      guard tensor.dataType == stored.dataType, tensor.shape.rank == 2, tensor.shape[0] == rows,
        tensor.shape[1] == (isPacked ? (width + 1) / 2 : width)
      else { return nil }
      guard isPacked else { return tensor.integers.map { $0 - middle } }
      let bytes = (width + 1) / 2
      return (0..<rows * width).map { index in
        let byte = tensor.bytes[index / width * bytes + index % width / 2]
        return Int(index % width % 2 == 0 ? byte & 15 : byte >> 4) - middle
      }
    }
    guard let codes = numbers(stored, width) else { return nil }
    var zeroPoints: [Int32] = []
    if let name = node.input(3) {
      guard let zeros = builder.dense(name), let found = numbers(zeros, groups) else { return nil }
      zeroPoints = found.allSatisfy { $0 == 0 } ? [] : found.map { Int32($0) }
    }
    return try? QuantizedTensor(
      shape: Shape(known: [rows, width]), bits: bits == 4 ? .int4 : .int8, axis: 0,
      groupSize: groups == 1 ? nil : block, scales: scale.floats, zeroPoints: zeroPoints,
      codes: codes.map { Int8($0) })
  }
}
