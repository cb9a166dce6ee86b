/// The settings of a layer, or of all layers: the knobs and their methods, each at its standard where nothing else was
/// set. A setting is read and written by its name: `settings.prune = 0.5`.
@dynamicMemberLookup
package struct LayerSettings: Hashable, Sendable {
  /// By key, what differs from the standard.
  private var values: [String: SettingValue] = [:]

  package init() {}

  package subscript<Value>(dynamicMember path: KeyPath<SettingKeys, TypedSetting<Value>>) -> Value {
    get {
      let setting = SettingKeys()[keyPath: path]
      return values[setting.key].flatMap { Value($0) } ?? setting.standard
    }
    set {
      let setting = SettingKeys()[keyPath: path]
      values[setting.key] = newValue == setting.standard ? nil : newValue.value
    }
  }

  /// The settings with one set.
  package func with<Value>(
    _ path: KeyPath<SettingKeys, TypedSetting<Value>>, _ value: Value
  ) -> LayerSettings {
    var result = self
    result[dynamicMember: path] = value
    return result
  }

  /// The value of a key that differs from the setting's standard; nil for the standard.
  subscript(key: String) -> SettingValue? {
    get { values[key] }
    set { values[key] = newValue }
  }

  /// Keys of settings that differ from the standard.
  var keys: some Collection<String> { values.keys }
}
