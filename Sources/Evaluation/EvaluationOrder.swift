import GraphIR
import TensorCore

/// The order in which evaluation samples are seen: a fixed shuffle, so that the first samples stand for all of them.
package enum EvaluationOrder {
  /// A permutation of `0..<count` that depends on `count` and `seed` alone (Fisher-Yates).
  package static func permutation(count: Int, seed: UInt64 = 20_14) -> [Int] {
    var order = Array(0..<count)
    var generator = SeededGenerator(seed: seed)
    for last in stride(from: count - 1, to: 0, by: -1) {
      // The bias of the remainder is below 2^-40 for any count that fits in memory.
      order.swapAt(last, Int(generator.next() % UInt64(last + 1)))
    }
    return order
  }
}

extension Tensor {
  /// Rows of the outermost axis in the given order, copied. A scalar holds for all rows.
  package func gathered(_ rows: [Int]) throws -> Tensor {
    if shape.rank == 0 { return self }
    guard shape[0] > 0 else { throw TensorError.invalidShape(shape.dimensions) }
    let rowBytes = byteCount / shape[0]
    let gathered = try Shape([rows.count] + shape.dimensions.dropFirst())
    let source = bytes
    let storage = TensorStorage(byteCount: rows.count * rowBytes) { target in
      for (index, row) in rows.enumerated() where rowBytes > 0 {
        let from = UnsafeRawBufferPointer(rebasing: source[row * rowBytes..<(row + 1) * rowBytes])
        let to = UnsafeMutableRawBufferPointer(rebasing: target[index * rowBytes..<(index + 1) * rowBytes])
        to.copyMemory(from: from)
      }
    }
    return try Tensor(shape: gathered, dataType: dataType, storage: storage)
  }
}
