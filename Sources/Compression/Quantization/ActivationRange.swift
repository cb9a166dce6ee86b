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

  /// `value = scale * (code - zeroPoint)` with codes 0...highest over the range that a method keeps.
  func quantization(
    _ method: QuantizationMethod.CalibrationMethod, highest: UInt8 = 255
  ) -> (scale: Float, zeroPoint: UInt8) {
    switch method {
    case .minMax: return Self.quantization(low, high, highest)
    case .movingAverage: return Self.quantization(averageLow, averageHigh, highest)
    case .percentile: return clipped(to: percentile, highest)
    case .entropy: return clipped(to: entropyClip(highest), highest)
    case .meanSquare: return leastError(highest)
    }
  }

  private static func quantization(
    _ low: Float, _ high: Float, _ highest: UInt8
  ) -> (scale: Float, zeroPoint: UInt8) {
    let steps = Float(highest)
    let scale = high / steps - low / steps
    guard scale >= Float.leastNormalMagnitude else { return (1, 0) }
    return (scale, UInt8(min(max((-low / scale).rounded(.toNearestOrEven), 0), steps)))
  }

  private func clipped(to clip: Float, _ highest: UInt8) -> (scale: Float, zeroPoint: UInt8) {
    Self.quantization(max(low, -clip), min(high, clip), highest)
  }

  /// The magnitude that 99.9 % of the nonzero values do not exceed.
  private var percentile: Float {
    let total = bins.reduce(0) { $0 + $1.count }
    var remaining = Int((WeightQuantizer.percentile * Double(total)).rounded(.up))
    for bin in bins {
      remaining -= bin.count
      if remaining <= 0 { return min(bin.magnitude, max(-low, high)) }
    }
    return max(-low, high)
  }

  private func entropyClip(_ highest: UInt8) -> Float {
    let largest = max(-low, high)
    guard largest > 0, !bins.isEmpty else { return largest }
    var counts = [Double](repeating: 0, count: EntropyCalibration.bins)
    let factor = Float(counts.count) / largest
    for bin in bins { counts[min(Int(bin.magnitude * factor), counts.count - 1)] += Double(bin.count) }
    // Values of both signs share the codes.
    let levels = low < 0 && high > 0 ? (Int(highest) + 1) / 2 : Int(highest)
    return EntropyCalibration.clip(counts, largest: largest, levels: levels)
  }

  /// Of ranges shrunk in steps of 2 % to a fifth, the one with the least squared error; the wider of equals.
  private func leastError(_ highest: UInt8) -> (scale: Float, zeroPoint: UInt8) {
    var best = Self.quantization(low, high, highest)
    var least = Double.infinity
    for percent in stride(from: 100, through: 20, by: -2) {
      let share = Float(percent) / 100
      let candidate = Self.quantization(low * share, high * share, highest)
      let zero = Float(candidate.zeroPoint)
      func error(_ value: Float) -> Double {
        let code = min(max((value / candidate.scale).rounded(.toNearestOrEven) + zero, 0), Float(highest))
        let difference = Double(value - candidate.scale * (code - zero))
        return difference * difference
      }
      let sum = bins.reduce(0.0) {
        $0 + ($1.positives > 0 ? Double($1.positives) * error($1.magnitude) : 0)
          + ($1.negatives > 0 ? Double($1.negatives) * error(-$1.magnitude) : 0)
      }
      if sum < least { (least, best) = (sum, candidate) }
    }
    return best
  }
}

extension QuantizationMethod.CalibrationMethod {
  /// Whether it looks at how values are distributed.
  var needsBins: Bool {
    switch self {
    case .minMax, .movingAverage: false
    case .percentile, .entropy, .meanSquare: true
    }
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
