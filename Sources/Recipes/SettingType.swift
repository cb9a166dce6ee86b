/// What the values of a setting are: a share, or one of some choices.
package protocol SettingType: Hashable, Sendable {
  /// Nil where the written value is none of this type's.
  init?(_ value: SettingValue)

  /// The value as it is written.
  var value: SettingValue { get }

  /// All values, each with what there is to say of it; nil for a number.
  static var options: [SettingOption]? { get }
}

extension Double: SettingType {
  package init?(_ value: SettingValue) {
    guard case .number(let number) = value else { return nil }
    self = number
  }

  package var value: SettingValue { .number(self) }

  package static var options: [SettingOption]? { nil }
}
