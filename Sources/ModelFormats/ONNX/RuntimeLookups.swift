import GraphIR
import TensorCore

/// Lookups in tables of 4- or 8-bit codes as ONNX Runtime's own `GatherBlockQuantized`.
///
/// https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.GatherBlockQuantized
enum RuntimeLookups {
  private static let domain = "com.microsoft"

  /// The graph with such nodes in the place of the lookups that they can stand for.
  static func written(_ graph: Graph) throws -> Graph {
    let tables = TableReaders(graph)
    var names = NameTable(graph)
    var result = graph
    var made: [String: Node] = [:]
    for (name, weight) in graph.initializers.sorted(by: { $0.key < $1.key }) {
      let readers = tables.gathers(of: name)
      guard !readers.isEmpty, tables.isLookedUpOnly(name), case .quantized(let tensor) = weight,
        let table = Table(tensor)
      else { continue }
      var inputs: [String] = []
      for (what, part) in try table.parts() {
        inputs.append(names.fresh("\(name)_\(what)"))
        result.initializers[inputs[inputs.count - 1]] = .dense(part)
      }
      result.initializers[name] = nil
      for gather in readers {
        var node = gather
        node.kind = OperatorKind("GatherBlockQuantized", domain: domain)
        node.inputs = [inputs[0], gather.inputs[1]] + inputs.dropFirst()
        node.attributes = [
          "bits": .int(table.bits), "block_size": .int(table.block), "gather_axis": .int(0),
          "quantize_axis": .int(1),
        ]
        made[gather.name] = node
      }
      result.opsets[domain] = 1
    }
    guard !made.isEmpty else { return graph }
    result.nodes = result.nodes.map { made[$0.name] ?? $0 }
    return result
  }

  private struct Table {
    let tensor: QuantizedTensor
    let bits: Int
    let block: Int

    /// Nil where the operator cannot stand for lookups in it.
    init?(_ tensor: QuantizedTensor) {
      guard tensor.format == .integer, tensor.shape.rank == 2, tensor.axis == 0, tensor.shape.count > 0 else {
        return nil
      }
      let width = tensor.shape[1]
      bits = WeightUnfolding.isNarrow(tensor) ? 4 : 8
      // A row of one scale is one block that is longer than the row.
      var longest = 16
      while longest < width { longest *= 2 }
      block = tensor.groupsPerChannel == 1 ? longest : tensor.groupSize ?? longest
      guard block >= 16, block & (block - 1) == 0, bits == 8 || width % 2 == 0 else { return nil }
      self.tensor = tensor
    }

    /// Codes [rows, bytes], scales [rows, blocks], and zero points where not all are 0; 4-bit ones two to a byte, the first
    /// in the low half.
    func parts() throws -> [(String, Tensor)] {
      let (rows, width, blocks) = (tensor.shape[0], tensor.shape[1], tensor.groupsPerChannel)
      let middle = bits == 4 ? 8 : 128
      func packed(_ values: [Int], _ width: Int) throws -> Tensor {
        let bytes = values.map { UInt8($0 + middle) }
        guard bits == 4 else {
          return try Tensor(shape: Shape([rows, width]), dataType: .uint8, bytes: bytes)
        }
        let stored = (width + 1) / 2
        var pairs = [UInt8](repeating: 0, count: rows * stored)
        for index in bytes.indices {
          let (row, column) = (index / width, index % width)
          pairs[row * stored + column / 2] |= column % 2 == 0 ? bytes[index] : bytes[index] << 4
        }
        return try Tensor(shape: Shape([rows, stored]), dataType: .uint8, bytes: pairs)
      }
      var parts = [
        ("codes", try packed(tensor.codes.map { Int($0) }, width)),
        ("scale", try Tensor(shape: Shape([rows, blocks]), tensor.scales)),
      ]
      if !tensor.zeroPoints.isEmpty {
        parts.append(("zero_point", try packed(tensor.zeroPoints.map { Int($0) }, blocks)))
      }
      return parts
    }
  }
}
