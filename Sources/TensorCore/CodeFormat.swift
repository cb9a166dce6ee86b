/// What the codes of a quantized tensor stand for before they are scaled.
///
/// A code of a float format is the format's bit pattern, sign-extended, so that code 0 is zero in every format.
package enum CodeFormat: String, Sendable, Hashable, Codable, CaseIterable {
  /// The code itself, of any width.
  case integer
  /// 8-bit floats of Micikevicius et al. 2022, arXiv:2209.05433: largest 448, no infinity, one NaN per sign.
  case float8E4M3 = "e4m3"
  /// Largest 57344, infinities and NaN as in IEEE 754.
  case float8E5M2 = "e5m2"
  /// 6- and 4-bit floats of the OCP Microscaling Formats specification 1.0: largest 28, 7.5 and 6; all patterns finite.
  case float6E3M2 = "e3m2"
  case float6E2M3 = "e2m3"
  case float4E2M1 = "e2m1"
  /// The 16 quantiles of a normal distribution of Dettmers et al. 2023, arXiv:2305.14314, appendix E; code -7 is -1,
  /// 0 is 0, 7 is 0.7230 and -8 is 1.
  case normalFloat4 = "nf4"

  /// The width every code of this format has; nil for integers, which come in all widths.
  package var bits: WeightBits? {
    switch self {
    case .integer: nil
    case .float8E4M3, .float8E5M2: .int8
    case .float6E3M2, .float6E2M3: .int6
    case .float4E2M1, .normalFloat4: .int4
    }
  }

  /// The value of each code from the width's lowest to its highest, so that code c means `levels[c - lowest]`;
  /// empty for integers.
  package var levels: [Float] {
    guard let range = bits?.codeRange else { return [] }
    return range.map(level)
  }

  /// The largest finite magnitude; nil for integers.
  package var largest: Float? { self == .normalFloat4 ? 1 : minifloat?.largest }

  /// The format that is a float; nil of the others.
  package var minifloat: MinifloatFormat? {
    switch self {
    case .integer, .normalFloat4: nil
    case .float8E4M3: .float8e4m3fn
    case .float8E5M2: .float8e5m2
    case .float6E3M2: .float6e3m2
    case .float6E2M3: .float6e2m3
    case .float4E2M1: .float4e2m1
    }
  }

  /// What a code means before it is scaled.
  private func level(_ code: Int) -> Float {
    guard let minifloat else {
      return self == .normalFloat4 ? CodeFormat.normalLevels[code == -8 ? 15 : code + 7] : Float(code)
    }
    return minifloat.decoded(UInt8(truncatingIfNeeded: code))
  }

  /// Rounded to float32 as the paper prints them.
  private static let normalLevels: [Float] = [
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023,
    1.0,
  ]
}

/// How the scales of a quantized tensor are stored.
package enum ScaleStorage: String, Sendable, Hashable, Codable {
  /// Four bytes each.
  case float32
  /// Powers of two, one byte each: E8M0 of the OCP Microscaling Formats specification 1.0.
  case powerOfTwo

  package var byteCount: Int {
    switch self {
    case .float32: 4
    case .powerOfTwo: 1
    }
  }
}
