/// Settings of one layer that differ from the model's; a property that is nil means the model's.
@dynamicMemberLookup
package struct LayerOverride: Hashable, Sendable {
  /// The settings given here.
  package private(set) var named: Set<Setting> = []
  /// Defaults where a setting is not named, so that equal overrides compare equal.
  private var settings = LayerSettings()

  package init() {}

  /// What `settings` says differently from `base`.
  package init(_ settings: LayerSettings, over base: LayerSettings) {
    self.init(settings, naming: Setting.allCases.filter { $0.value(in: settings) != $0.value(in: base) })
  }

  /// `settings` as far as they are named.
  package init(_ settings: LayerSettings, naming named: [Setting]) {
    self.named = Set(named)
    for setting in named { setting.access.copy(settings, &self.settings) }
  }

  package var isEmpty: Bool { named.isEmpty }

  /// `base` with the named settings in place of its own.
  package func laid(over base: LayerSettings) -> LayerSettings {
    named.reduce(into: base) { $1.access.copy(settings, &$0) }
  }

  /// These settings, and from `earlier` those that are not named here.
  package func laid(over earlier: LayerOverride) -> LayerOverride {
    var result = earlier
    result.named.formUnion(named)
    result.settings = laid(over: earlier.settings)
    return result
  }

  package subscript<Value>(dynamicMember path: WritableKeyPath<LayerSettings, Value>) -> Value? {
    get {
      guard let setting = Setting(path), named.contains(setting) else { return nil }
      return settings[keyPath: path]
    }
    set {
      guard let setting = Setting(path) else { return }
      settings[keyPath: path] = newValue ?? LayerSettings()[keyPath: path]
      if newValue == nil { named.remove(setting) } else { named.insert(setting) }
    }
  }

  /// Sets one setting from its written value.
  /// - Throws: `CompressionError` naming the key, what was found and what is allowed.
  package mutating func set(_ setting: Setting, to value: SettingValue, key: String) throws {
    try setting.set(value, in: &settings, key: key)
    named.insert(setting)
    named.formUnion(FormerPruning.alsoNamed(by: setting, value))
  }
}

/// By the settings' names.
extension LayerOverride: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: SettingKey.self)
    settings = try LayerSettings(from: decoder)
    named = Set(Setting.allCases.filter { container.contains(SettingKey($0)) })
    if let word = try container.decodeIfPresent(SettingValue.self, forKey: SettingKey(.pruning)) {
      named.formUnion(FormerPruning.alsoNamed(by: .pruning, word))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: SettingKey.self)
    for setting in Setting.allCases where named.contains(setting) {
      try container.encode(setting.value(in: settings), forKey: SettingKey(setting))
    }
  }
}
