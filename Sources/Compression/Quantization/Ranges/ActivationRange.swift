import Kernels

/// What is known of a value on calibration data, from which the scale and zero point of its codes follow.
struct ActivationRange: Sendable, Hashable {
  /// The smallest and largest of the values and zero.
  let low: Float
  let high: Float
  /// Their means over batches.
  let averageLow: Float
  let averageHigh: Float
  /// How many values have which magnitude, ascending, without zeros; empty where it was not asked for.
  let bins: [Bin]

  /// Values whose magnitudes differ by less than 0.2 %.
  struct Bin: Sendable, Hashable {
    /// The upper end.
    let magnitude: Float
    let negatives: Int
    let positives: Int
    var count: Int { negatives + positives }
  }
}

/// Gathers a value's range batch by batch.
struct RangeObserver {
  /// The sign and the highest bits of a magnitude: a bin's ends differ by less than 0.2 %.
  private static let shift: UInt32 = 14
  private static let signBin = Int(0x8000_0000 >> shift)

  private var low: Float = 0
  private var high: Float = 0
  private var lowSum = 0.0
  private var highSum = 0.0
  private var batches = 0
  private var finite = true
  private var counts: [Int] = []

  init(bins: Bool) {
    if bins { counts = [Int](repeating: 0, count: 2 * Self.signBin) }
  }

  mutating func observe(_ values: UnsafeBufferPointer<Float>) {
    let exponent: UInt32 = 0x7f80_0000
    var odd: UInt32 = 0
    for value in values { odd |= value.bitPattern & exponent == exponent ? 1 : 0 }
    finite = finite && odd == 0
    let (low, high) = WeightCoding.extremes(values)
    self.low = min(self.low, low)
    self.high = max(self.high, high)
    lowSum += Double(low)
    highSum += Double(high)
    batches += 1
    guard !counts.isEmpty else { return }
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values { counts[Int(value.bitPattern >> Self.shift)] &+= 1 }
    }
  }

  /// The range so far; nil where a value was NaN or infinite.
  var range: ActivationRange? {
    guard finite else { return nil }
    let count = Double(max(1, batches))
    return ActivationRange(
      low: low, high: high, averageLow: Float(lowSum / count), averageHigh: Float(highSum / count), bins: bins
    )
  }

  private var bins: [ActivationRange.Bin] {
    guard !counts.isEmpty else { return [] }
    let largest = max(-low, high)
    // Bin 0 holds zeros, and magnitudes too small to matter.
    return (1..<Self.signBin).compactMap { bin in
      let (positives, negatives) = (counts[bin], counts[bin + Self.signBin])
      guard positives + negatives > 0 else { return nil }
      let end = Float(bitPattern: (UInt32(bin + 1) << Self.shift) - 1)
      return ActivationRange.Bin(magnitude: min(end, largest), negatives: negatives, positives: positives)
    }
  }
}
