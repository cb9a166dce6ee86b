/// Ranges and means of finite values, in loops that the compiler vectorizes.
enum MagnitudeStatistics {
  /// The smallest and largest of the values and zero.
  static func extremes(_ values: UnsafeBufferPointer<Float>) -> (low: Float, high: Float) {
    // As signed integers with the order of floats: integer minima need no rule for NaN, so they vectorize.
    var low: Int32 = 0
    var high: Int32 = 0
    for value in values {
      let bits = Int32(bitPattern: value.bitPattern)
      let key = bits ^ (bits >> 31 & 0x7fff_ffff)
      low = min(low, key)
      high = max(high, key)
    }
    return (float(low), float(high))
  }

  private static func float(_ key: Int32) -> Float {
    Float(bitPattern: UInt32(bitPattern: key ^ (key >> 31 & 0x7fff_ffff)))
  }

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
