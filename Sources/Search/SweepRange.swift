import Compression
import Recipes

/// Reads "from:to:step" and comma-separated lists.
enum SweepRange {
  /// The values in the order given, each one that the setting takes.
  static func values(_ text: String, of setting: Setting) throws -> [SettingValue] {
    let values: [SettingValue] =
      if setting.range != nil {
        try numbers(text).map { .number($0) }
      } else {
        text.split(separator: ",", omittingEmptySubsequences: false).map { .word($0.trimmingWhitespace) }
      }
    var settings = LayerSettings()
    for value in values {
      do {
        try setting.set(value, in: &settings)
      } catch {
        throw SearchError.outOfBounds(
          knob: setting.key, value: shown(value), allowed: allowed(by: setting))
      }
    }
    return values
  }

  private static func shown(_ value: SettingValue) -> String {
    switch value {
    case .number(let number): "\(number)"
    case .word(let word): word
    }
  }

  private static func allowed(by setting: Setting) -> String {
    if let options = setting.options { return options.map(\.label).joined(separator: ", ") }
    return setting.range.map { "\($0.lowerBound) to \($0.upperBound)" } ?? ""
  }

  /// A range runs from its start to its end, both included, rounded to nine decimals so that 0:0.9:0.1 holds 0.3 and
  /// not 0.30000000000000004.
  private static func numbers(_ text: String) throws -> [Double] {
    try text.split(separator: ",", omittingEmptySubsequences: false).flatMap { part in
      try part.contains(":") ? range(part, in: text) : [number(part, in: text)]
    }
  }

  private static func range(_ part: Substring, in text: String) throws -> [Double] {
    let fields = try part.split(separator: ":", omittingEmptySubsequences: false).map {
      try number($0, in: text)
    }
    guard fields.count == 3, fields[2] > 0, fields[1] >= fields[0] else {
      throw SearchError.range(text: text, expected: expected)
    }
    let steps = (fields[1] - fields[0]) / fields[2] + 1e-9
    guard steps < Double(SweepGrid.limit) else {
      throw SearchError.tooMany(count: Int(min(steps, 1e15)), limit: SweepGrid.limit)
    }
    return (0...Int(steps)).map { index in
      ((fields[0] + Double(index) * fields[2]) * 1e9).rounded() / 1e9
    }
  }

  private static func number(_ part: Substring, in text: String) throws -> Double {
    guard case .number(let value) = SettingValue(part.trimmingWhitespace), value.isFinite else {
      throw SearchError.range(text: text, expected: expected)
    }
    return value
  }

  private static let expected =
    "FROM:TO:STEP with a positive step, such as 0:0.9:0.1, or a list such as 0,0.5,0.9"
}

extension Substring {
  fileprivate var trimmingWhitespace: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
