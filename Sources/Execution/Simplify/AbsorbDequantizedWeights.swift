import GraphIR
import TensorCore

/// Turns 8-bit initializers behind a DequantizeLinear, as other tools export them, into quantized weights.
struct AbsorbDequantizedWeights: SimplificationPass {
  func apply(to editor: inout GraphEditor) throws {
    var removed: Set<Int> = []
    for (index, node) in editor.graph.nodes.enumerated() where node.kind == "DequantizeLinear" {
      guard let output = node.outputs.first, !editor.pinned.contains(output),
        editor.types[output]?.dataType == .float32, let weight = quantized(node, in: editor)
      else { continue }
      editor.graph.initializers[output] = .quantized(weight)
      removed.insert(index)
    }
    editor.redirect([:], removing: removed)
  }

  private func quantized(_ node: Node, in editor: GraphEditor) -> QuantizedTensor? {
    guard case .dense(let stored)? = node.input(0).flatMap({ editor.graph.initializers[$0] }),
      stored.dataType == .int8 || stored.dataType == .uint8,
      let scale = editor.constant(node.input(1)), (node.int("block_size") ?? 0) == 0
    else { return nil }
    var axis: Int?
    if scale.count != 1 || scale.shape.rank == 1 && stored.shape.rank > 0 && scale.count > 1 {
      guard scale.shape.rank == 1, let found = stored.shape.normalized(axis: node.int("axis") ?? 1) else {
        return nil
      }
      axis = found
    }
    var zeroPoints: [Int32] = []
    if node.input(2) != nil {
      guard let zero = editor.constant(node.input(2)) else { return nil }
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
