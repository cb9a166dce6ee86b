/// How a setting is read, written and copied, and what it takes: made from the key path of its property.
struct SettingAccess {
  let path: PartialKeyPath<LayerSettings>
  let options: [SettingOption]?
  let range: ClosedRange<Double>?
  let read: (LayerSettings) -> SettingValue
  /// False, with nothing changed, where the value is not allowed.
  let write: (SettingValue, inout LayerSettings) -> Bool
  /// From the first to the second.
  let copy: (LayerSettings, inout LayerSettings) -> Void

  /// A number within `range`.
  static func ratio(
    _ path: WritableKeyPath<LayerSettings, Double>, _ range: ClosedRange<Double>
  ) -> SettingAccess {
    SettingAccess(
      path: path, options: nil, range: range,
      read: { .number($0[keyPath: path]) },
      write: { value, settings in
        guard case .number(let number) = value, range.contains(number) else { return false }
        settings[keyPath: path] = number
        return true
      },
      copy: { $1[keyPath: path] = $0[keyPath: path] })
  }

  /// The same, which first lets `former` take words of old recipes.
  func understanding(_ former: @escaping (SettingValue, inout LayerSettings) -> Bool) -> SettingAccess {
    SettingAccess(
      path: path, options: options, range: range, read: read,
      write: { former($0, &$1) || write($0, &$1) }, copy: copy)
  }

  /// One of the choices of a type.
  static func choice<Choice: SettingChoice>(
    _ path: WritableKeyPath<LayerSettings, Choice>
  ) -> SettingAccess {
    SettingAccess(
      path: path, options: Choice.allCases.map { SettingOption(label: $0.label, note: $0.note) }, range: nil,
      read: { .word($0[keyPath: path].label) },
      write: { value, settings in
        guard let choice = Choice(label: value.word) else { return false }
        settings[keyPath: path] = choice
        return true
      },
      copy: { $1[keyPath: path] = $0[keyPath: path] })
  }
}
