/// How many columns text takes, independent of the locale so that tests see what a terminal shows.
///
/// Wide and full-width ranges after Unicode Standard Annex 11 (https://www.unicode.org/reports/tr11/);
/// ambiguous characters count as one column, as terminals outside East Asian locales draw them.
package enum DisplayWidth {
  /// 0 for a lone combining mark or control character, 2 for wide characters, else 1.
  package static func of(_ character: Character) -> Int {
    if let ascii = character.asciiValue { return ascii >= 0x20 && ascii != 0x7F ? 1 : 0 }
    var width = 0
    for scalar in character.unicodeScalars { width = max(width, of(scalar)) }
    return width
  }

  package static func of(_ text: some StringProtocol) -> Int {
    text.reduce(0) { $0 + of($1) }
  }

  static func of(_ scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return value < 0x20 || (0x7F..<0xA0).contains(value) || value == 0xAD ? 0 : 1 }
    if value < 0x1100 || (0x2000..<0x2E80).contains(value) {
      return isZero(scalar) ? 0 : scalar.properties.isEmojiPresentation ? 2 : 1
    }
    if wideRanges.contains(where: { $0.contains(value) }) { return 2 }
    if isZero(scalar) { return 0 }
    return scalar.properties.isEmojiPresentation ? 2 : 1
  }

  private static func isZero(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C,
    0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
    0x20000...0x3FFFD,
  ]

  /// The longest beginning that fits in so many columns.
  package static func prefix(_ text: some StringProtocol, columns: Int) -> String {
    var used = 0
    var result = ""
    for character in text {
      let width = of(character)
      if used + width > columns { break }
      used += width
      result.append(character)
    }
    return result
  }
}

package enum Alignment: Sendable {
  case leading, center, trailing
}

extension String {
  /// The text cut (with an ellipsis) or padded to exactly so many columns.
  package func fitted(
    to columns: Int, alignment: Alignment = .leading, ellipsis: Character = "…"
  ) -> String {
    guard columns > 0 else { return "" }
    let width = DisplayWidth.of(self)
    if width > columns {
      let kept = DisplayWidth.prefix(self, columns: columns - 1)
      return kept + String(ellipsis)
        + String(repeating: " ", count: max(0, columns - 1 - DisplayWidth.of(kept)))
    }
    let spare = columns - width
    let left =
      switch alignment {
      case .leading: 0
      case .center: spare / 2
      case .trailing: spare
      }
    return String(repeating: " ", count: left) + self + String(repeating: " ", count: spare - left)
  }
}
