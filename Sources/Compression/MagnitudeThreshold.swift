/// Which weights are the smallest `k` by magnitude: those below a threshold, and the first few that equal it.
struct MagnitudeThreshold: Sendable, Hashable {
  /// The k-th smallest magnitude's bits. Bits of positive floats are ordered as the floats are.
  let bits: UInt32
  /// For each array, how many of the elements that equal the threshold count as below it.
  let ties: [Int]

  struct Key: Hashable, Sendable {
    let states: [LayerState]
    let count: Int
  }

  private static let magnitude: UInt32 = 0x7fff_ffff

  /// Finds the threshold by two passes over the elements: a histogram of the upper half of the magnitudes' bits,
  /// then one of the lower half of those in the bin that holds the k-th. Linear, and exact.
  /// - Parameters:
  ///   - count: how many elements to select, 1...all.
  ///   - arrays: how many arrays there are; `visit` hands them over by index. Equal magnitudes are taken in this order.
  init(selecting count: Int, of arrays: Int, visit: (Int, (UnsafeBufferPointer<Float>) -> Void) -> Void) {
    let lowBins = 1 << 16
    var upper = [Int](repeating: 0, count: 1 << 15)
    upper.withUnsafeMutableBufferPointer { bins in
      for index in 0..<arrays {
        visit(index) { values in
          for value in values { bins[Int((value.bitPattern & Self.magnitude) >> 16)] &+= 1 }
        }
      }
    }
    var remaining = count
    let high = Self.bin(of: &remaining, in: upper)

    var lower = [Int](repeating: 0, count: lowBins)
    lower.withUnsafeMutableBufferPointer { bins in
      for index in 0..<arrays {
        visit(index) { values in
          for value in values {
            let bits = value.bitPattern & Self.magnitude
            if Int(bits >> 16) == high { bins[Int(bits & 0xffff)] &+= 1 }
          }
        }
      }
    }
    let low = Self.bin(of: &remaining, in: lower)
    let threshold = UInt32(high) << 16 | UInt32(low)

    var ties = [Int](repeating: 0, count: arrays)
    for index in 0..<arrays where remaining > 0 {
      visit(index) { values in
        var equal = 0
        for value in values { equal &+= value.bitPattern & Self.magnitude == threshold ? 1 : 0 }
        ties[index] = min(equal, remaining)
      }
      remaining -= ties[index]
    }
    bits = threshold
    self.ties = ties
  }

  /// Calls `remove` with each index to be zeroed in the array, in order.
  @inline(__always)
  func forEachSelected(in values: UnsafeBufferPointer<Float>, array: Int, _ remove: (Int) -> Void) {
    var ties = ties[array]
    for index in values.indices {
      let magnitude = values[index].bitPattern & Self.magnitude
      if magnitude < bits {
        remove(index)
      } else if magnitude == bits, ties > 0 {
        ties -= 1
        remove(index)
      }
    }
  }

  /// The bin that holds the `remaining`-th element; `remaining` becomes its place within the bin.
  private static func bin(of remaining: inout Int, in bins: [Int]) -> Int {
    for (index, count) in bins.enumerated() {
      if remaining <= count { return index }
      remaining -= count
    }
    return bins.count - 1
  }
}
