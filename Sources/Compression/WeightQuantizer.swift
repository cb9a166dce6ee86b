import TensorCore

/// Chooses integer codes for weights: `value = scale * (code - zeroPoint)`.
///
/// - Symmetric: codes -q...q with q = 2^(bits-1) - 1, scale = range / q. Zero is code 0.
/// - Asymmetric: all 2^bits codes over [min(0, low), max(0, high)]; the zero point is a code, so that zero stays exact.
/// - Ternary: |w| above 0.7 times the mean magnitude becomes the mean of those kept (Li and Liu 2016, arXiv:1605.04711).
/// - Binary: the sign times the mean magnitude (Rastegari et al. 2016, arXiv:1603.05279).
///
/// Rounding is to nearest even, as in ONNX's QuantizeLinear; the error is at most half a scale where nothing is clipped.
/// A channel of zeros, or one too small to divide by, has scale 1; a scale so large that a code would stand for infinity
/// is lowered, which clips.
struct WeightQuantizer {
  let bits: WeightBits
  let method: QuantizationMethod

  /// The share of nonzero magnitudes inside the clipping range of percentile calibration.
  static let percentile = 0.999

  /// - Parameter outputAxis: the axis with a scale per index if the method is per channel.
  func quantize(_ values: UnsafeBufferPointer<Float>, shape: Shape, outputAxis: Int) throws -> QuantizedTensor
  {
    let axis = method.granularity == .perChannel ? outputAxis : nil
    let channels = axis.map { shape[$0] } ?? 1
    let length = channels == 0 ? 0 : shape.count / channels
    var codes = [Int8](repeating: 0, count: shape.count)
    var scales = [Float](repeating: 1, count: channels)
    var zeroPoints = [Int32](repeating: 0, count: isAsymmetric ? channels : 0)
    // Channels along the last axis are quantized as the rows of the transposed matrix.
    let transposed = axis == 1 && shape.rank == 2
    let rows = transposed ? Transposition.transposed(values, rows: shape[0], columns: shape[1]) : []
    func quantizeRows(_ source: UnsafeBufferPointer<Float>, _ target: UnsafeMutableBufferPointer<Int8>) {
      for channel in 0..<channels {
        let range = channel * length..<(channel + 1) * length
        let (scale, zeroPoint) = quantizeRow(
          UnsafeBufferPointer(rebasing: source[range]), UnsafeMutableBufferPointer(rebasing: target[range]))
        scales[channel] = scale
        if isAsymmetric { zeroPoints[channel] = zeroPoint }
      }
    }
    codes.withUnsafeMutableBufferPointer { target in
      if transposed {
        rows.withUnsafeBufferPointer { quantizeRows($0, target) }
      } else {
        quantizeRows(values, target)
      }
    }
    if transposed {
      codes = codes.withUnsafeBufferPointer {
        Transposition.transposed($0, rows: shape[1], columns: shape[0])
      }
    }
    return try QuantizedTensor(
      shape: shape, bits: bits, axis: axis, scales: scales, zeroPoints: zeroPoints, codes: codes)
  }

  var isAsymmetric: Bool {
    method.symmetry == .asymmetric && bits != .ternary && bits != .binary
  }

  /// Fills the codes of one channel, and returns its scale and zero point.
  private func quantizeRow(
    _ values: UnsafeBufferPointer<Float>, _ codes: UnsafeMutableBufferPointer<Int8>
  ) -> (Float, Int32) {
    switch bits {
    case .ternary: return (ternaryRow(values, codes), 0)
    case .binary: return (binaryRow(values, codes), 0)
    case .int8, .int6, .int5, .int4, .int3, .int2:
      var (low, high) = MagnitudeStatistics.extremes(values)
      if method.calibration == .percentile {
        let clip = MagnitudeStatistics.percentile(values, Self.percentile)
        low = max(low, -clip)
        high = min(high, clip)
      }
      let highest = bits.codeRange.upperBound
      guard isAsymmetric else {
        let scale = min(
          usable(max(-low, high) / Float(highest)), .greatestFiniteMagnitude / Float(highest + 1))
        encode(values, codes, scale: scale, zeroPoint: 0, range: -highest...highest)
        return (scale, 0)
      }
      let lowest = bits.codeRange.lowerBound
      let steps = Float(highest - lowest)
      let scale = min(usable(high / steps - low / steps), .greatestFiniteMagnitude / (steps + 1))
      let zero = min(
        max((Float(lowest) - low / scale).rounded(.toNearestOrEven), Float(lowest)), Float(highest))
      encode(values, codes, scale: scale, zeroPoint: Int32(zero), range: lowest...highest)
      return (scale, Int32(zero))
    }
  }

  private func usable(_ scale: Float) -> Float {
    scale >= Float.leastNormalMagnitude && scale.isFinite ? scale : 1
  }

  private func encode(
    _ values: UnsafeBufferPointer<Float>, _ codes: UnsafeMutableBufferPointer<Int8>, scale: Float,
    zeroPoint: Int32, range: ClosedRange<Int>
  ) {
    let low = Float(range.lowerBound - Int(zeroPoint))
    let high = Float(range.upperBound - Int(zeroPoint))
    // Adding 1.5 * 2^23 leaves the integer nearest to a small float, ties to even, in the low bits of the sum.
    let shift: Float = 0x1.8p23
    let shiftBits = Int32(bitPattern: shift.bitPattern) &- zeroPoint
    for index in values.indices {
      let scaled = values[index] / scale
      let above = scaled < low ? low : scaled
      let clamped = above > high ? high : above
      codes[index] = Int8(truncatingIfNeeded: Int32(bitPattern: (clamped + shift).bitPattern) &- shiftBits)
    }
  }

  private func ternaryRow(
    _ values: UnsafeBufferPointer<Float>, _ codes: UnsafeMutableBufferPointer<Int8>
  ) -> Float {
    let threshold = Float(0.7 * MagnitudeStatistics.mean(values))
    var sum = 0.0
    var kept = 0
    for index in values.indices {
      let value = values[index]
      let isKept = value.magnitude > threshold
      kept &+= isKept ? 1 : 0
      sum += isKept ? Double(value.magnitude) : 0
      codes[index] = isKept ? (value < 0 ? -1 : 1) : 0
    }
    return kept == 0 ? 1 : usable(Float(sum / Double(kept)))
  }

  private func binaryRow(
    _ values: UnsafeBufferPointer<Float>, _ codes: UnsafeMutableBufferPointer<Int8>
  ) -> Float {
    for index in values.indices { codes[index] = values[index] < 0 ? -1 : 1 }
    return usable(Float(MagnitudeStatistics.mean(values)))
  }
}
