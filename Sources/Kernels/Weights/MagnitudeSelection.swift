import CKernels

/// The smallest `k` of many magnitudes: those below a threshold, and the first few that equal it.
///
/// Found without sorting: a sample brackets the threshold, one pass over all counts what lies below the bracket and
/// collects the few per cent inside, and the k-th is selected among those by its digits. Where the sample misled, the
/// bracket widens to everything. Exact either way, and the same at every feature level.
package struct MagnitudeSelection: Sendable, Hashable {
  /// The k-th smallest magnitude's bits. Bits of positive floats are ordered as the floats are.
  package let bits: UInt32
  /// For each array, how many of its elements that equal the threshold count as below it, the first ones.
  package let ties: [Int]

  /// Values looked at for the bracket.
  private static let sampleCount = 1 << 16

  /// Selects among `arrays` arrays that `visit` hands over by index; equal magnitudes are taken in this order.
  /// - Parameter count: how many elements to select, 1...all.
  package init(
    selecting count: Int, of arrays: Int, visit: (Int, (UnsafeBufferPointer<Float>) -> Void) -> Void
  ) {
    let kernels = VectorTable.for(.detected)
    var total = 0
    for index in 0..<arrays { visit(index) { total += $0.count } }
    let bracket = Self.bracket(count, total: total, arrays: arrays, visit: visit)
    self =
      Self.select(count, total: total, arrays: arrays, bracket: bracket, kernels, visit)
      ?? Self.select(count, total: total, arrays: arrays, bracket: 0..<1 << 31, kernels, visit)
      ?? MagnitudeSelection(bits: .max, ties: [Int](repeating: 0, count: arrays))
  }

  private init(bits: UInt32, ties: [Int]) {
    self.bits = bits
    self.ties = ties
  }

  /// Zeros what is selected of array `array`: `target` gets `source`'s other values. Both hold as many; they may be one.
  package func zero(
    _ source: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>, array: Int
  ) {
    guard let from = source.baseAddress, let to = target.baseAddress else { return }
    var ties = ties[array]
    VectorTable.for(.detected).kernels.pointee.f32_zero_magnitudes(source.count, from, bits, &ties, to)
  }

  /// How many of array `array` are selected.
  package func count(in values: UnsafeBufferPointer<Float>, array: Int) -> Int {
    var below = ties[array]
    for value in values { below &+= value.magnitude.bitPattern < bits ? 1 : 0 }
    return below
  }

  /// Bits between which the `count`-th of `total` magnitudes nearly surely lies.
  private static func bracket(
    _ count: Int, total: Int, arrays: Int, visit: (Int, (UnsafeBufferPointer<Float>) -> Void) -> Void
  ) -> Range<UInt32> {
    let step = max(1, total / sampleCount)
    var sample: [UInt32] = []
    sample.reserveCapacity(total / step + arrays)
    for index in 0..<arrays {
      visit(index) { values in
        for at in stride(from: step / 2, to: values.count, by: step) {
          sample.append(values[at].magnitude.bitPattern)
        }
      }
    }
    guard sample.count >= 1024 else { return 0..<1 << 31 }
    sample.sort()
    // Six standard deviations of a sampled rank to either side, and some.
    let share = Double(count) / Double(total)
    let middle = share * Double(sample.count)
    let slack = 6 * (Double(sample.count) * share * (1 - share)).squareRoot() + 16
    let low = Int(middle - slack)
    let high = Int(middle + slack)
    return (low <= 0 ? 0 : sample[low])..<(high >= sample.count ? 1 << 31 : max(sample[high] + 1, 1))
  }

  /// Nil where the threshold does not lie in the bracket, or too much does.
  private static func select(
    _ count: Int, total: Int, arrays: Int, bracket: Range<UInt32>, _ table: VectorTable,
    _ visit: (Int, (UnsafeBufferPointer<Float>) -> Void) -> Void
  ) -> MagnitudeSelection? {
    let capacity = bracket == 0..<1 << 31 ? total : total / 8 + 4096
    let candidates = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: max(1, capacity))
    defer { candidates.deallocate() }
    var found = 0
    var below = 0
    var ends: [Int] = []
    for index in 0..<arrays {
      visit(index) { values in
        if let start = values.baseAddress {
          table.kernels.pointee.f32_collect_magnitudes(
            values.count, start, bracket.lowerBound, bracket.upperBound, capacity, candidates.baseAddress,
            &found, &below)
        }
      }
      ends.append(found)
    }
    guard found <= capacity, below < count, count <= below + found else { return nil }
    var remaining = count - below
    let bits = digits(of: &remaining, in: UnsafeBufferPointer(rebasing: candidates[..<found]))
    var ties = [Int](repeating: 0, count: arrays)
    var first = 0
    for index in 0..<arrays where remaining > 0 {
      var equal = 0
      for at in first..<ends[index] { equal &+= candidates[at] == bits ? 1 : 0 }
      ties[index] = min(equal, remaining)
      remaining -= ties[index]
      first = ends[index]
    }
    return MagnitudeSelection(bits: bits, ties: ties)
  }

  /// The `remaining`-th smallest, by its upper and then its lower half; `remaining` becomes its place among equals.
  private static func digits(of remaining: inout Int, in values: UnsafeBufferPointer<UInt32>) -> UInt32 {
    var upper = [Int](repeating: 0, count: 1 << 16)
    upper.withUnsafeMutableBufferPointer { bins in for value in values { bins[Int(value >> 16)] &+= 1 } }
    let high = bin(of: &remaining, in: upper)
    var lower = [Int](repeating: 0, count: 1 << 16)
    lower.withUnsafeMutableBufferPointer { bins in
      for value in values where Int(value >> 16) == high { bins[Int(value & 0xffff)] &+= 1 }
    }
    return UInt32(high) << 16 | UInt32(bin(of: &remaining, in: lower))
  }

  private static func bin(of remaining: inout Int, in bins: [Int]) -> Int {
    for (index, count) in bins.enumerated() {
      if remaining <= count { return index }
      remaining -= count
    }
    return bins.count - 1
  }
}
