/// A named choice of a recipe, with what a user is told of it.
package protocol SettingChoice: SettingType, CaseIterable {
  /// The name it has in recipes, on the command line and on the screen.
  var label: String { get }
  var note: MethodNote { get }

  /// The names that choices had in older recipes, and what they are called now.
  static var formerLabels: [String: String] { get }
}

extension SettingChoice {
  package static var formerLabels: [String: String] { [:] }

  /// The choice of that name, present or former.
  package init?(label: String) {
    let label = Self.formerLabels[label] ?? label
    guard let match = Self.allCases.first(where: { $0.label == label }) else { return nil }
    self = match
  }

  package init?(_ value: SettingValue) { self.init(label: value.word) }

  package var value: SettingValue { .word(label) }

  package static var options: [SettingOption]? {
    allCases.map { SettingOption(label: $0.label, note: $0.note) }
  }
}

extension SettingChoice where Self: RawRepresentable<String> {
  package var label: String { rawValue }
}

/// A value that a setting can take.
package struct SettingOption: Hashable, Sendable {
  package let label: String
  package let note: MethodNote
}
