/// Means and percentiles of finite values.
enum MagnitudeStatistics {
  /// The mean magnitude; 0 of no values.
  static func mean(_ values: UnsafeBufferPointer<Float>) -> Double {
    var sum = 0.0
    for value in values { sum += Double(value.magnitude) }
    return values.isEmpty ? 0 : sum / Double(values.count)
  }

  /// The magnitude that a share of the nonzero magnitudes does not exceed; 0 where all are zero.
  ///
  /// The few largest are kept in a heap, so that nearly every value costs one comparison.
  static func percentile(_ values: UnsafeBufferPointer<Float>, _ share: Double) -> Float {
    var nonzeros = 0
    for value in values { nonzeros &+= value != 0 ? 1 : 0 }
    guard nonzeros > 0 else { return 0 }
    let rank = min(nonzeros, max(1, Int((share * Double(nonzeros)).rounded(.up))))
    var heap = [Float](repeating: 0, count: nonzeros - rank + 1)
    heap.withUnsafeMutableBufferPointer { heap in
      for value in values where value.magnitude > heap[0] { replaceLeast(of: heap, by: value.magnitude) }
    }
    return heap[0]
  }

  private static func replaceLeast(of heap: UnsafeMutableBufferPointer<Float>, by value: Float) {
    var place = 0
    while true {
      var child = 2 * place + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < value else { break }
      heap[place] = heap[child]
      place = child
    }
    heap[place] = value
  }
}

enum Transposition {
  /// The transposed row-major matrix, in blocks that stay in the first cache.
  static func transposed<Element: BitwiseCopyable>(
    _ values: UnsafeBufferPointer<Element>, rows: Int, columns: Int
  ) -> [Element] {
    let block = 32
    return [Element](unsafeUninitializedCapacity: values.count) { target, count in
      for top in stride(from: 0, to: rows, by: block) {
        for left in stride(from: 0, to: columns, by: block) {
          for row in top..<min(top + block, rows) {
            for column in left..<min(left + block, columns) {
              target[column * rows + row] = values[row * columns + column]
            }
          }
        }
      }
      count = values.count
    }
  }
}
