/// Decimal numbers out of bytes, independent of the locale.
enum DecimalNumber {
  /// Nil where the bytes are not a number.
  static func parse(_ bytes: UnsafeRawBufferPointer) -> Double? {
    quick(bytes) ?? Double(String(decoding: bytes, as: UTF8.self))
  }

  /// Numbers without exponent whose digits fit a double exactly, over a power of ten that does too: one
  /// division is then correctly rounded (Clinger 1990, doi:10.1145/93542.93557). Nil for all others.
  private static func quick(_ bytes: UnsafeRawBufferPointer) -> Double? {
    var position = 0
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { position = 1 }
    var digits = 0
    var fraction = -1
    var mantissa: Int = 0
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "."), fraction < 0 {
        fraction = 0
        continue
      }
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), digits < 15 else { return nil }
      mantissa = mantissa * 10 + Int(byte - UInt8(ascii: "0"))
      digits += 1
      if fraction >= 0 { fraction += 1 }
    }
    guard digits > 0 else { return nil }
    let value = fraction > 0 ? Double(mantissa) / powers[fraction] : Double(mantissa)
    return isNegative ? -value : value
  }

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]
}
