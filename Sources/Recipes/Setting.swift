/// A setting in the list that files, the command line, the knobs and error messages go by: a `TypedSetting` whose type
/// is not known. Settings of one key are equal.
package struct Setting: Sendable, Identifiable {
  package let key: String
  package let explanation: String
  private let knobKey: String
  /// The values it can take, each with what there is to say of it; nil for a number.
  package let options: [SettingOption]?
  /// The numbers it can take; nil for a choice.
  package let range: ClosedRange<Double>?
  package let formerKeys: [String]
  let formerWords: [String: [String: SettingValue]]
  package let summary: SettingSummary?
  /// The value where a recipe says nothing.
  package let standard: SettingValue
  /// The value in the form in which it is kept; nil where it is not allowed.
  private let canonical: @Sendable (SettingValue) -> SettingValue?

  package init<Value>(_ path: KeyPath<SettingKeys, TypedSetting<Value>>) {
    let typed = SettingKeys()[keyPath: path]
    key = typed.key
    explanation = typed.explanation
    knobKey = typed.knob
    options = Value.options
    range = typed.range
    formerKeys = typed.formerKeys
    formerWords = typed.formerWords
    summary = typed.summary
    standard = typed.standard.value
    canonical = { typed.parsed($0)?.value }
  }

  package var id: String { key }

  /// The key as it is shown.
  package var title: String { String(key.map { $0 == "-" ? " " : $0 }) }

  /// Whether it is a knob, rather than a method of one.
  package var isKnob: Bool { knobKey == key }

  package func belongs(to knob: Setting) -> Bool { knobKey == knob.key }

  package func value(in settings: LayerSettings) -> SettingValue { settings[key] ?? standard }

  package func isStandard(in settings: LayerSettings) -> Bool { settings[key] == nil }

  /// - Parameters:
  ///   - value: as written.
  ///   - settings: left as they are where the value is not allowed.
  ///   - place: the key as error messages name it; nil for the setting's own.
  /// - Throws: `RecipeError` naming the key, what was found and what is allowed.
  package func set(_ value: SettingValue, in settings: inout LayerSettings, key place: String? = nil) throws {
    let place = place ?? key
    if let found = canonical(value) {
      settings[key] = found == standard ? nil : found
      return
    }
    switch (options, range, value) {
    case (let options?, _, _):
      throw RecipeError.unknownValue(key: place, found: value.word, allowed: options.map(\.label))
    case (_, let range?, .number(let number)):
      throw RecipeError.outOfRange(
        key: place, found: "\(number)", allowed: "from \(range.lowerBound) to \(range.upperBound)")
    case (_, _, .number), (_, _, .word):
      throw RecipeError.wrongType(key: place, found: "text (\"\(value.word)\")", expected: "number")
    }
  }
}

extension Setting: Hashable {
  package static func == (left: Setting, right: Setting) -> Bool { left.key == right.key }

  package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}
