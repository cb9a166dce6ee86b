/// The values that places in a table stand for, such as those of a 4-bit or 8-bit float format.
///
/// Values that are all a small whole number of steps apart (FP4 E2M1 is: halves from −6 to 6) are kept as those whole
/// numbers, which fixed-point rows multiply.
struct CodeTable: Sendable {
  /// What `levels` are counted in.
  let step: Float
  /// The zero of `levels`.
  let zero: Float
  /// 16 or 256 values; a weight is scale · step · (level − zero).
  let levels: AlignedBuffer<Float>
  /// The levels as bytes where all are whole numbers in 0...31.
  let steps: AlignedBuffer<UInt8>?

  /// - Precondition: 16 or 256 values.
  init(_ values: [Float]) {
    precondition(values.count == 16 || values.count == 256, "a table has 16 or 256 values")
    levels = AlignedBuffer(zeros: values.count)
    if values.count == 16, let step = Self.commonStep(values), let lowest = values.min() {
      self.step = step
      zero = -lowest / step
      let bytes = AlignedBuffer<UInt8>(zeros: 16)
      for (i, value) in values.enumerated() {
        levels.start[i] = (value - lowest) / step
        bytes.start[i] = UInt8(levels.start[i])
      }
      steps = bytes
    } else {
      step = 1
      zero = 0
      steps = nil
      for (i, value) in values.enumerated() { levels.start[i] = value }
    }
  }

  /// The largest step of which all values are whole multiples, at most 31 apart; nil where there is none.
  private static func commonStep(_ values: [Float]) -> Float? {
    guard values.allSatisfy(\.isFinite), let low = values.min(), let high = values.max() else { return nil }
    guard let smallest = values.lazy.filter({ $0 != 0 }).map(\.magnitude).min() else { return nil }
    return (1...8).lazy.map { smallest / Float($0) }.first { step in
      step.isNormal && (high - low) / step <= 31
        && values.allSatisfy { ($0 / step).rounded() == $0 / step && ($0 - low) / step <= 31 }
    }
  }
}
