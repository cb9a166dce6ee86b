/// A setting whose values have a type: what it is called, what it does, and what it takes.
///
/// One is declared as a property of `SettingKeys`, and is read and written by that property's name:
/// `settings.rounding`. `Setting` is the same without the type, for lists.
package struct TypedSetting<Value: SettingType>: Sendable {
  /// Its name in recipes, flags and the palette, such as "first-last-bits"; the screen shows it with spaces.
  package let key: String
  /// One sentence on what it does.
  package let explanation: String
  /// The key of the knob that it is a method of; its own where it is a knob.
  package let knob: String
  package let standard: Value
  /// The numbers it takes; nil for a choice.
  package let range: ClosedRange<Double>?
  /// Keys that it had in older recipes.
  package let formerKeys: [String]
  /// Words of older recipes that stood for values of several settings at once, each by its key.
  package let formerWords: [String: [String: SettingValue]]
  /// How a knob shows in a recipe's summary; nil for a method, which shows by its value.
  package let summary: SettingSummary?

  /// - Parameters:
  ///   - key: in files, flags and on the screen.
  ///   - explanation: one sentence on what it does.
  ///   - knob: the key of the knob that it is a method of; nil where it is a knob itself.
  ///   - standard: the value where a recipe says nothing.
  ///   - range: of a number; nil for a choice.
  ///   - formerKeys: that older recipes have for it.
  ///   - formerWords: what words of older recipes mean, as values by key.
  ///   - summary: how a knob shows in a recipe's summary; nil for a method, which shows by its value.
  package init(
    _ key: String, _ explanation: String, of knob: String? = nil, standard: Value,
    range: ClosedRange<Double>? = nil, formerKeys: [String] = [],
    formerWords: [String: [String: SettingValue]] = [:], summary: SettingSummary? = nil
  ) {
    self.key = key
    self.explanation = explanation
    self.knob = knob ?? key
    self.standard = standard
    self.range = range
    self.formerKeys = formerKeys
    self.formerWords = formerWords
    self.summary = summary
  }

  /// The value that is written so; nil where it is not allowed.
  package func parsed(_ value: SettingValue) -> Value? {
    if let range, case .number(let number) = value, !range.contains(number) { return nil }
    return Value(value)
  }
}

/// How a knob shows in a recipe's summary.
package struct SettingSummary: Sendable {
  /// Such as "P50"; nil where there is nothing to show.
  package let text: @Sendable (LayerSettings) -> String?
  /// Whether it stands right behind the setting before it, as the A8 of "W4A8".
  package let isAttached: Bool

  package init(isAttached: Bool = false, _ text: @escaping @Sendable (LayerSettings) -> String?) {
    self.text = text
    self.isAttached = isAttached
  }

  /// A share in percent with at most one decimal: "50", "12.5".
  package static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}

/// The names by which settings are read and written in code. A setting is a property in an extension of this type.
package struct SettingKeys: Sendable {
  package init() {}
}
