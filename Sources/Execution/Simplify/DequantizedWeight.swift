import GraphIR
import TensorCore

/// Reads 8-bit initializers behind a DequantizeLinear, as other tools export them, as quantized weights, which run faster
/// than their values.
enum DequantizedWeight {
  /// The weight a node makes; nil where it is none that integer kernels could use.
  static func read(_ node: Node, in graph: Graph) -> QuantizedTensor? {
    guard case .dense(let stored)? = node.input(0).flatMap({ graph.initializers[$0] }),
      stored.dataType == .int8 || stored.dataType == .uint8, stored.shape.rank >= 2,
      node.kind == "DequantizeLinear", let scale = node.input(1).flatMap({ graph.initializers[$0]?.tensor }),
      (node.int("block_size") ?? 0) == 0
    else { return nil }
    var axis: Int?
    if scale.count != 1 {
      guard scale.shape.rank == 1, let found = stored.shape.normalized(axis: node.int("axis") ?? 1) else {
        return nil
      }
      axis = found
    }
    var zeroPoints: [Int32] = []
    if let name = node.input(2) {
      guard let zero = graph.initializers[name]?.tensor else { return nil }
      zeroPoints = zero.integers.map { Int32(truncatingIfNeeded: $0) }
    }
    // uint8 codes and zero points move down by 128 together, which leaves their difference.
    let shift: Int32 = stored.dataType == .uint8 ? 128 : 0
    if shift != 0 && zeroPoints.isEmpty { zeroPoints = Array(repeating: 0, count: scale.count) }
    let codes = stored.integers.map { Int8(truncatingIfNeeded: $0 - Int(shift)) }
    zeroPoints = zeroPoints.map { $0 - shift }
    if zeroPoints.allSatisfy({ $0 == 0 }) { zeroPoints = [] }
    return try? QuantizedTensor(
      shape: stored.shape, bits: .int8, axis: axis, scales: scale.floats, zeroPoints: zeroPoints,
      codes: codes)
  }
}
