/// What is known of a value on calibration data, from which its 8-bit scale and zero point follow.
struct ActivationRange: Sendable, Hashable {
  /// The smallest and largest of the values and zero.
  let low: Float
  let high: Float
  /// The magnitude that 99.9 % of the nonzero values do not exceed; nil where it was not asked for.
  let percentile: Float?

  /// `value = scale * (code - zeroPoint)` with codes 0...255 over the range that a method keeps.
  func quantization(_ method: QuantizationMethod.CalibrationMethod) -> (scale: Float, zeroPoint: UInt8) {
    var (low, high) = (low, high)
    if method == .percentile, let clip = percentile {
      low = max(low, -clip)
      high = min(high, clip)
    }
    let scale = high / 255 - low / 255
    guard scale >= Float.leastNormalMagnitude else { return (1, 0) }
    return (scale, UInt8(min(max((-low / scale).rounded(.toNearestOrEven), 0), 255)))
  }
}

/// Gathers a value's range batch by batch.
struct RangeObserver {
  /// The highest bits of a magnitude: a bin's ends differ by less than 0.2 %.
  private static let shift: UInt32 = 14
  private static let binCount = Int(0x8000_0000 >> shift)

  private var low: Float = 0
  private var high: Float = 0
  private var finite = true
  private var counts: [Int] = []

  init(percentile: Bool) {
    if percentile { counts = [Int](repeating: 0, count: Self.binCount) }
  }

  mutating func observe(_ values: UnsafeBufferPointer<Float>) {
    let exponent: UInt32 = 0x7f80_0000
    var odd: UInt32 = 0
    for value in values { odd |= value.bitPattern & exponent == exponent ? 1 : 0 }
    finite = finite && odd == 0
    let (low, high) = MagnitudeStatistics.extremes(values)
    self.low = min(self.low, low)
    self.high = max(self.high, high)
    guard !counts.isEmpty else { return }
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values { counts[Int((value.bitPattern & 0x7fff_ffff) >> Self.shift)] &+= 1 }
    }
  }

  /// The range so far; nil where a value was NaN or infinite.
  var range: ActivationRange? {
    guard finite else { return nil }
    return ActivationRange(low: low, high: high, percentile: percentile)
  }

  /// The upper end of the bin that holds the 99.9th percentile, at most the largest magnitude.
  private var percentile: Float? {
    guard !counts.isEmpty else { return nil }
    // Bin 0 holds zeros, and magnitudes too small to matter.
    let total = counts.dropFirst().reduce(0, +)
    var remaining = Int((WeightQuantizer.percentile * Double(total)).rounded(.up))
    for (bin, count) in counts.enumerated().dropFirst() {
      remaining -= count
      if remaining <= 0, total > 0 {
        return min(Float(bitPattern: (UInt32(bin + 1) << Self.shift) - 1), max(-low, high))
      }
    }
    return 0
  }
}
