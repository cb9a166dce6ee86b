import Kernels
import TensorCore

/// Chooses codes for weights by rounding each to the nearest: `value = scale * (code - zeroPoint)`.
///
/// - Symmetric: codes -q...q with q = 2^(bits-1) - 1, scale = range / q. Zero is code 0.
/// - Asymmetric: all 2^bits codes over [min(0, low), max(0, high)]; the zero point is a code, so that zero stays exact.
/// - Ternary: |w| above 0.7 times the mean magnitude becomes the mean of those kept (Li and Liu 2016, arXiv:1605.04711).
/// - Binary: the sign times the mean magnitude (Rastegari et al. 2016, arXiv:1603.05279).
/// - Float formats: the largest magnitude becomes the format's largest.
/// - Microscaling: the scale is 2^(floor(log2 of the largest magnitude) - the format's largest exponent), and what lies
///   above the format's largest is clipped (OCP Microscaling Formats specification 1.0, section 6.3).
///
/// Rounding is to nearest even, as in ONNX's QuantizeLinear; the error is at most half a scale where nothing is clipped.
/// A group of zeros, or one too small to divide by, has scale 1 and codes of zero; where codes have no zero, or stand
/// for a mean, the smallest scale there is. A scale so large that a code would stand for infinity is lowered, which clips.
struct WeightQuantizer {
  let scheme: CodeScheme

  func quantize(_ values: UnsafeBufferPointer<Float>, shape: Shape, outputAxis: Int) throws -> QuantizedTensor
  {
    let rows = shape[outputAxis]
    let columns = rows == 0 ? 0 : shape.count / rows
    // Outputs along the last axis are quantized as the rows of the transposed matrix.
    guard outputAxis == 1, !scheme.isPerTensor else {
      return try matrix(values, rows: rows, columns: columns).tensor(
        shape: shape, outputAxis: scheme.isPerTensor ? 0 : outputAxis)
    }
    return try Transposition.transposed(values, rows: shape[0], columns: shape[1]).withUnsafeBufferPointer {
      try matrix($0, rows: rows, columns: columns).tensor(shape: shape, outputAxis: 1)
    }
  }

  /// Codes for a matrix of one row per output.
  func matrix(_ values: UnsafeBufferPointer<Float>, rows: Int, columns: Int) -> CodeMatrix {
    var result = CodeMatrix(rows: rows, columns: columns, scheme: scheme)
    guard rows * columns > 0 else { return result }
    let (groups, size) = (result.groups, result.groupSize)
    result.codes.withUnsafeMutableBufferPointer { codes in
      if scheme.isPerTensor {
        result.grids[0] = quantizeGroup(values, codes)
        return
      }
      for row in 0..<rows {
        for group in 0..<groups {
          let first = row * columns + group * size
          let range = first..<min(first + size, (row + 1) * columns)
          result.grids[row * groups + group] = quantizeGroup(
            UnsafeBufferPointer(rebasing: values[range]), UnsafeMutableBufferPointer(rebasing: codes[range]))
        }
      }
    }
    return result
  }

  /// Fills the codes of one group, and returns its grid.
  private func quantizeGroup(
    _ values: UnsafeBufferPointer<Float>, _ codes: UnsafeMutableBufferPointer<Int8>
  ) -> CodeGrid {
    let grid = grid(values)
    encode(values, codes, grid: grid)
    return grid
  }

  /// The scale and zero point for a group of weights.
  func grid(_ values: UnsafeBufferPointer<Float>) -> CodeGrid {
    switch scheme.bits {
    case .ternary: return CodeGrid(scale: ternaryScale(values))
    case .binary: return CodeGrid(scale: Self.mean(Float(MagnitudeStatistics.mean(values))))
    case .int8, .int6, .int5, .int4, .int3, .int2:
      let (low, high) = WeightCoding.extremes(values)
      if scheme.scaleStorage == .powerOfTwo { return CodeGrid(scale: sharedScale(max(-low, high))) }
      let range = WeightRange(quantizer: self, values: values, low: low, high: high)
      return scheme.range.weights?(range) ?? grid(low: low, high: high)
    }
  }

  /// The grid whose codes span low...high, which contains zero.
  func grid(low: Float, high: Float) -> CodeGrid {
    if let largest = scheme.format.largest {
      return CodeGrid(scale: min(usable(max(-low, high) / largest), .greatestFiniteMagnitude / (2 * largest)))
    }
    let range = scheme.codeRange
    let highest = Float(range.upperBound)
    guard scheme.isAsymmetric else {
      return CodeGrid(
        scale: min(usable(max(-low, high) / highest), .greatestFiniteMagnitude / (highest + 1)))
    }
    let lowest = Float(range.lowerBound)
    let steps = highest - lowest
    let scale = min(usable(high / steps - low / steps), .greatestFiniteMagnitude / (steps + 1))
    let zero = min(max((lowest - low / scale).rounded(.toNearestOrEven), lowest), highest)
    return CodeGrid(scale: scale, zeroPoint: Int32(zero))
  }

  /// The shared scale of a microscaling block.
  private func sharedScale(_ largest: Float) -> Float {
    guard largest >= Float.leastNormalMagnitude else { return 1 }
    // An MXINT8 element is its code over 64.
    let top = scheme.format.largest.map { Int($0.exponent) } ?? 6
    let exponent = min(max(Int(largest.exponent) - top, -126), 127)
    return Float(sign: .plus, exponent: exponent, significand: 1)
  }

  private func usable(_ scale: Float) -> Float {
    scale >= Float.leastNormalMagnitude && scale.isFinite ? scale : 1
  }

  /// A mean magnitude that codes of -1 and 1 stand for: nothing that is about zero may become one.
  private static func mean(_ magnitude: Float) -> Float {
    max(.leastNormalMagnitude, min(magnitude, .greatestFiniteMagnitude))
  }

  /// The sum of squared differences between values and what their codes stand for.
  func squaredError(_ values: UnsafeBufferPointer<Float>, grid: CodeGrid) -> Double {
    guard scheme.format == .integer else {
      return values.reduce(0.0) { sum, value in
        let difference = Double(value - decoded(nearest(value, grid), grid))
        return sum + difference * difference
      }
    }
    let range = scheme.codeRange
    let low = Float(range.lowerBound - Int(grid.zeroPoint))
    let high = Float(range.upperBound - Int(grid.zeroPoint))
    let shift: Float = 0x1.8p23
    // Four sums, since float additions are not reordered by the compiler.
    var sums = SIMD4<Double>.zero
    let inverse = 1 / grid.scale
    func error(_ value: Float) -> Double {
      let scaled = value * inverse
      let above = scaled < low ? low : scaled
      let clamped = above > high ? high : above
      let difference = Double(value - grid.scale * ((clamped + shift) - shift))
      return difference * difference
    }
    var index = 0
    while index + 4 <= values.count {
      sums += SIMD4(
        error(values[index]), error(values[index + 1]), error(values[index + 2]), error(values[index + 3]))
      index += 4
    }
    while index < values.count {
      sums[0] += error(values[index])
      index += 1
    }
    return sums.sum()
  }

  /// Fills the codes of a group with the nearest of its grid; ternary ones by their threshold.
  func encode(
    _ values: UnsafeBufferPointer<Float>, _ codes: UnsafeMutableBufferPointer<Int8>, grid: CodeGrid
  ) {
    if scheme.bits == .ternary {
      let threshold = Float(0.7 * MagnitudeStatistics.mean(values))
      for index in values.indices {
        let value = values[index]
        codes[index] = value.magnitude > threshold ? (value < 0 ? -1 : 1) : 0
      }
    } else if scheme.bits == .binary || scheme.format != .integer {
      for index in values.indices { codes[index] = nearest(values[index], grid) }
    } else {
      WeightCoding.encode(
        values, codes, scale: grid.scale, zeroPoint: grid.zeroPoint, range: scheme.codeRange)
    }
  }

  private func ternaryScale(_ values: UnsafeBufferPointer<Float>) -> Float {
    let threshold = Float(0.7 * MagnitudeStatistics.mean(values))
    var sum = 0.0
    var kept = 0
    for value in values {
      let isKept = value.magnitude > threshold
      kept &+= isKept ? 1 : 0
      sum += isKept ? Double(value.magnitude) : 0
    }
    return kept == 0 ? 1 : Self.mean(Float(sum / Double(kept)))
  }
}

extension WeightQuantizer {
  /// The code of the grid nearest to a value.
  @inline(__always)
  func nearest(_ value: Float, _ grid: CodeGrid) -> Int8 {
    if scheme.format != .integer { return nearestLevel(value / grid.scale) }
    if scheme.bits == .binary { return value < 0 ? -1 : 1 }
    let range = scheme.codeRange
    let scaled = value / grid.scale
    let low = Float(range.lowerBound - Int(grid.zeroPoint))
    let high = Float(range.upperBound - Int(grid.zeroPoint))
    return Int8(Int32(min(max(scaled, low), high).rounded(.toNearestOrEven)) + grid.zeroPoint)
  }

  /// What a code stands for.
  @inline(__always)
  func decoded(_ code: Int8, _ grid: CodeGrid) -> Float {
    if scheme.format == .integer { return grid.scale * Float(Int32(code) - grid.zeroPoint) }
    if let float = scheme.format.minifloat {
      return grid.scale * float.decoded(UInt8(bitPattern: code))
    }
    return grid.scale * NormalFloat.level(code)
  }

  private func nearestLevel(_ scaled: Float) -> Int8 {
    guard let float = scheme.format.minifloat else { return NormalFloat.nearest(scaled) }
    let pattern = float.encoded(scaled)
    // The sign bit of the format becomes the code's; a negative zero is a zero.
    let unused = 7 - float.exponentBits - float.mantissaBits
    let code = Int8(bitPattern: pattern << UInt8(unused)) >> Int8(unused)
    return Int(code) == scheme.bits.codeRange.lowerBound ? 0 : code
  }
}

/// The levels of the 4-bit normal float as codes.
enum NormalFloat {
  private static let levels = CodeFormat.normalFloat4.levels

  static func level(_ code: Int8) -> Float { levels[Int(code) + 8] }

  static func nearest(_ value: Float) -> Int8 {
    // Code -8 is the highest level.
    var best: Int8 = -8
    var least = (value - 1).magnitude
    for code in Int8(-7)...7 {
      let distance = (value - levels[Int(code) + 8]).magnitude
      if distance < least { (least, best) = (distance, code) }
    }
    return best
  }
}
