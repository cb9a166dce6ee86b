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
