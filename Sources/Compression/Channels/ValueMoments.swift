/// Sums over all elements of a value on calibration data.
struct ValueMoments: Sendable {
  private(set) var count = 0
  private(set) var sum = 0.0
  private(set) var magnitudes = 0.0
  private(set) var squares = 0.0

  mutating func add(_ values: UnsafeBufferPointer<Float>) {
    var (sum, magnitudes, squares) = (0.0, 0.0, 0.0)
    for value in values {
      sum += Double(value)
      magnitudes += Double(value.magnitude)
      squares += Double(value) * Double(value)
    }
    count += values.count
    self.sum += sum
    self.magnitudes += magnitudes
    self.squares += squares
  }

  var meanMagnitude: Double { magnitudes / Double(max(count, 1)) }

  var variance: Double {
    let mean = sum / Double(max(count, 1))
    return max(0, squares / Double(max(count, 1)) - mean * mean)
  }
}
