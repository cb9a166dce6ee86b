/// The `k` smallest of some scores, lower indices first among equals.
enum SmallestSelection {
  /// Calls `take` with the index of each of the `count` smallest scores, in no order. Scores are not negative.
  static func forEach(_ count: Int, smallestOf scores: UnsafeBufferPointer<Float>, _ take: (Int) -> Void) {
    guard count > 0 else { return }
    guard count < scores.count else { return scores.indices.forEach(take) }
    // Magnitude above, index below: one comparison decides both.
    var keys = [UInt64](unsafeUninitializedCapacity: scores.count) { keys, written in
      for index in scores.indices {
        keys[index] = UInt64(scores[index].bitPattern & 0x7fff_ffff) << 32 | UInt64(index)
      }
      written = scores.count
    }
    keys.withUnsafeMutableBufferPointer { partition($0, at: count) }
    for key in keys[..<count] { take(Int(key & 0xffff_ffff)) }
  }

  /// Moves the `count` smallest to the front (Hoare's selection, pivots by the median of three).
  private static func partition(_ keys: UnsafeMutableBufferPointer<UInt64>, at count: Int) {
    var (low, high) = (0, keys.count - 1)
    while low < high {
      let middle = low + (high - low) / 2
      if keys[middle] < keys[low] { keys.swapAt(middle, low) }
      if keys[high] < keys[low] { keys.swapAt(high, low) }
      if keys[high] < keys[middle] { keys.swapAt(high, middle) }
      let pivot = keys[middle]
      var (left, right) = (low, high)
      while left <= right {
        while keys[left] < pivot { left += 1 }
        while keys[right] > pivot { right -= 1 }
        if left <= right {
          keys.swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if count - 1 <= right {
        high = right
      } else if count >= left + 1 {
        low = left
      } else {
        return
      }
    }
  }
}
