/// A floating-point format of at most eight bits: sign, exponent, mantissa.
///
/// Float8 after Micikevicius et al. 2022 (arXiv:2209.05433) and, for the `uz` forms, Noune et al. 2022
/// (arXiv:2206.02915); e3m2, e2m3, e2m1 and e8m0 after the OCP Microscaling Formats (MX) specification 1.0.
package struct MinifloatFormat: Sendable, Hashable {
  /// What the codes beyond the finite numbers are.
  package enum Special: Sendable {
    /// Infinities and NaNs, as IEEE 754 has them.
    case ieee
    /// A single NaN magnitude, all bits set, and no infinity.
    case nanAtTop
    /// One NaN in the place of minus zero, and no infinity.
    case nanAtMinusZero
    /// Finite numbers only.
    case none
  }

  package let exponentBits: Int
  package let mantissaBits: Int
  package let bias: Int
  package let special: Special

  private init(_ exponentBits: Int, _ mantissaBits: Int, bias: Int, _ special: Special) {
    self.exponentBits = exponentBits
    self.mantissaBits = mantissaBits
    self.bias = bias
    self.special = special
  }

  package static let float8e4m3fn = MinifloatFormat(4, 3, bias: 7, .nanAtTop)
  package static let float8e4m3fnuz = MinifloatFormat(4, 3, bias: 8, .nanAtMinusZero)
  package static let float8e5m2 = MinifloatFormat(5, 2, bias: 15, .ieee)
  package static let float8e5m2fnuz = MinifloatFormat(5, 2, bias: 16, .nanAtMinusZero)
  package static let float6e3m2 = MinifloatFormat(3, 2, bias: 3, .none)
  package static let float6e2m3 = MinifloatFormat(2, 3, bias: 1, .none)
  package static let float4e2m1 = MinifloatFormat(2, 1, bias: 1, .none)

  /// The largest finite value.
  package var largest: Float {
    let top = (1 << exponentBits) - 1
    switch special {
    case .ieee: return Self.value(exponent: top - 1 - bias, steps: (2 << mantissaBits) - 1, mantissaBits)
    case .nanAtTop: return Self.value(exponent: top - bias, steps: (2 << mantissaBits) - 2, mantissaBits)
    case .nanAtMinusZero, .none:
      return Self.value(exponent: top - bias, steps: (2 << mantissaBits) - 1, mantissaBits)
    }
  }

  /// The value of a code; bits above the format's are ignored.
  package func decoded(_ code: UInt8) -> Float {
    let signBit = 1 << (exponentBits + mantissaBits)
    let magnitude = Int(code) & (signBit - 1)
    let isNegative = Int(code) & signBit != 0
    let (exponent, mantissa) = (magnitude >> mantissaBits, magnitude & ((1 << mantissaBits) - 1))
    let top = (1 << exponentBits) - 1
    switch special {
    case .ieee where exponent == top:
      if mantissa != 0 { return .nan }
      return isNegative ? -.infinity : .infinity
    case .nanAtTop where magnitude == signBit - 1: return .nan
    case .nanAtMinusZero where isNegative && magnitude == 0: return .nan
    default: break
    }
    let value =
      exponent == 0
      ? Self.value(exponent: 1 - bias, steps: mantissa, mantissaBits)
      : Self.value(exponent: exponent - bias, steps: mantissa + (1 << mantissaBits), mantissaBits)
    return isNegative ? -value : value
  }

  /// The nearest code, ties to even.
  /// - Parameters:
  ///   - value: any number; NaN stays NaN, for which a format without one gives minus zero, as ONNX's reference does.
  ///   - saturates: whether values beyond the largest become it; else infinity, or NaN where there is none.
  package func encoded(_ value: Float, saturates: Bool = true) -> UInt8 {
    let signBit = 1 << (exponentBits + mantissaBits)
    let sign = value.sign == .minus ? signBit : 0
    if value.isNaN { return nanCode(sign) }
    let magnitude = value.magnitude
    if magnitude == 0 { return UInt8(special == .nanAtMinusZero ? 0 : sign) }
    if magnitude.isInfinite { return overflow(sign, saturates) }
    let exponent = max(Int(magnitude.exponent), 1 - bias)
    let quantum = Float(sign: .plus, exponent: exponent - mantissaBits, significand: 1)
    let steps = Int((magnitude / quantum).rounded(.toNearestOrEven))
    // A mantissa that rounded up to the next power carries into the exponent by itself.
    if Float(steps) * quantum > largest { return overflow(sign, saturates) }
    let code =
      steps < 1 << mantissaBits
      ? steps : ((exponent + bias) << mantissaBits) + steps - (1 << mantissaBits)
    if code == 0, special == .nanAtMinusZero { return 0 }
    return UInt8(code | sign)
  }

  private func nanCode(_ sign: Int) -> UInt8 {
    let signBit = 1 << (exponentBits + mantissaBits)
    switch special {
    case .ieee: return UInt8(sign | (signBit - 1) - ((1 << mantissaBits) - 1) | (1 << (mantissaBits - 1)))
    case .nanAtTop: return UInt8(sign | (signBit - 1))
    case .nanAtMinusZero, .none: return UInt8(signBit)
    }
  }

  private func overflow(_ sign: Int, _ saturates: Bool) -> UInt8 {
    if saturates || special == .none { return encodedLargest(sign) }
    switch special {
    case .ieee: return UInt8(sign | (((1 << exponentBits) - 1) << mantissaBits))
    case .nanAtTop, .nanAtMinusZero, .none: return nanCode(sign)
    }
  }

  private func encodedLargest(_ sign: Int) -> UInt8 {
    let signBit = 1 << (exponentBits + mantissaBits)
    switch special {
    case .ieee: return UInt8(sign | (((1 << exponentBits) - 1) << mantissaBits) - 1)
    case .nanAtTop: return UInt8(sign | (signBit - 2))
    case .nanAtMinusZero, .none: return UInt8(sign | (signBit - 1))
    }
  }

  private static func value(exponent: Int, steps: Int, _ mantissaBits: Int) -> Float {
    Float(steps) * Float(sign: .plus, exponent: exponent - mantissaBits, significand: 1)
  }
}

/// The scale format e8m0: powers of two from 2^-127 to 2^127, and NaN (255).
package enum ScaleFormat {
  /// How a value between two powers of two is rounded.
  package enum Rounding: String, Sendable { case up, down, nearest }

  package static func decoded(_ code: UInt8) -> Float {
    code == 255 ? .nan : Float(sign: .plus, exponent: Int(code) - 127, significand: 1)
  }

  /// The code of a scale.
  /// - Parameters:
  ///   - value: NaN and negative values give NaN; zero gives the smallest scale.
  ///   - rounding: which power of two is taken for a value between two.
  ///   - saturates: whether values beyond the largest become it, instead of NaN.
  package static func encoded(_ value: Float, rounding: Rounding = .up, saturates: Bool = true) -> UInt8 {
    if value.isNaN || value < 0 { return 255 }
    if value == 0 { return 0 }
    if value.isInfinite { return saturates ? 254 : 255 }
    let significand = value.significand
    let goesUp =
      switch rounding {
      case .up: significand > 1
      case .down: false
      case .nearest: significand >= 1.5
      }
    let exponent = Int(value.exponent) + (goesUp ? 1 : 0)
    if exponent > 127 { return saturates ? 254 : 255 }
    return UInt8(max(exponent + 127, 0))
  }
}

extension DataType {
  /// The format of a type whose elements are minifloat codes; nil for others, e8m0 among them.
  package var minifloat: MinifloatFormat? {
    switch self {
    case .float8e4m3fn: .float8e4m3fn
    case .float8e4m3fnuz: .float8e4m3fnuz
    case .float8e5m2: .float8e5m2
    case .float8e5m2fnuz: .float8e5m2fnuz
    case .float4e2m1: .float4e2m1
    default: nil
    }
  }
}
