/// One setting's value as written: a number or a word.
package enum SettingValue: Hashable, Sendable {
  case number(Double)
  case word(String)

  /// A number where the text is one; a number with a percent sign is a share, so that 50% is 0.5.
  package init(_ text: String) {
    let isPercent = text.last == "%"
    let number = isPercent ? Double(text.dropLast().filter { $0 != " " }).map { $0 / 100 } : Double(text)
    self = number.map(SettingValue.number) ?? .word(text)
  }

  /// A word, with whole numbers as their digits, so that `weights = 4` and `weights = "4"` mean the same.
  package var word: String {
    switch self {
    case .word(let word): word
    case .number(let number): number == number.rounded() && abs(number) < 1e6 ? "\(Int(number))" : "\(number)"
    }
  }
}

/// A plain number or string.
extension SettingValue: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .word(try container.decode(String.self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .word(let word): try container.encode(word)
    }
  }
}
