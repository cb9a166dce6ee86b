/// Settings of one layer that differ from the model's; a setting that is nil means the model's.
@dynamicMemberLookup
package struct LayerOverride: Hashable, Sendable {
  /// The keys of the settings given here.
  package private(set) var named: Set<String> = []
  /// Standards where a setting is not named, so that equal overrides compare equal.
  private(set) var settings = LayerSettings()

  package init() {}

  /// What `settings` says differently from `base`.
  package init(_ settings: LayerSettings, over base: LayerSettings) {
    let keys = Set(settings.keys).union(base.keys)
    self.init(settings, naming: keys.filter { settings[$0] != base[$0] })
  }

  /// `settings` as far as they are named.
  package init(_ settings: LayerSettings, naming named: [Setting]) {
    self.init(settings, naming: Set(named.map(\.key)))
  }

  private init(_ settings: LayerSettings, naming named: Set<String>) {
    self.named = named
    for key in self.named { self.settings[key] = settings[key] }
  }

  package var isEmpty: Bool { named.isEmpty }

  /// `base` with the named settings in place of its own.
  package func laid(over base: LayerSettings) -> LayerSettings {
    named.reduce(into: base) { $0[$1] = settings[$1] }
  }

  /// These settings, and from `earlier` those that are not named here.
  package func laid(over earlier: LayerOverride) -> LayerOverride {
    var result = earlier
    result.named.formUnion(named)
    result.settings = laid(over: earlier.settings)
    return result
  }

  package subscript<Value>(dynamicMember path: KeyPath<SettingKeys, TypedSetting<Value>>) -> Value? {
    get { named.contains(SettingKeys()[keyPath: path].key) ? settings[dynamicMember: path] : nil }
    set {
      let setting = SettingKeys()[keyPath: path]
      settings[dynamicMember: path] = newValue ?? setting.standard
      if newValue == nil { named.remove(setting.key) } else { named.insert(setting.key) }
    }
  }

  /// Sets one setting from its written value.
  /// - Parameters:
  ///   - setting: named by the layer from now on.
  ///   - value: as written.
  ///   - place: the key as error messages name it; nil for the setting's own.
  /// - Throws: `RecipeError` naming the key, what was found and what is allowed.
  package mutating func set(_ setting: Setting, to value: SettingValue, key place: String? = nil) throws {
    try setting.set(value, in: &settings, key: place)
    named.insert(setting.key)
  }
}
