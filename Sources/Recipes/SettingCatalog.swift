/// All settings that recipes may have, in the order in which they are written and shown; reads and writes recipes by it.
package struct SettingCatalog: Sendable {
  package let settings: [Setting]
  private let byKey: [String: Setting]
  private let byFormerKey: [String: Setting]

  /// - Precondition: no two settings have a key in common, present or former.
  package init(_ settings: [Setting]) {
    self.settings = settings
    byKey = Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0) })
    byFormerKey = Dictionary(
      uniqueKeysWithValues: settings.flatMap { setting in setting.formerKeys.map { ($0, setting) } })
    precondition(byFormerKey.keys.allSatisfy { byKey[$0] == nil }, "a former key is no present one")
  }

  package var keys: [String] { settings.map(\.key) }

  /// The setting of a key, present or former.
  package func setting(_ key: String) -> Setting? { byKey[key] ?? byFormerKey[key] }

  /// The setting of a key, whose former name is noted.
  /// - Parameters:
  ///   - key: present or former.
  ///   - place: where the key stands, such as "[model]".
  ///   - renamings: notes a former key.
  /// - Throws: `RecipeError.unknownKey`.
  package func setting(_ key: String, in place: String, _ renamings: inout Renamings) throws -> Setting {
    if let setting = byKey[key] { return setting }
    guard let setting = byFormerKey[key] else {
      throw RecipeError.unknownKey(key: key, table: place, allowed: keys)
    }
    renamings.note(key, setting.key)
    return setting
  }

  /// The knob that a setting is a method of; itself where it is a knob.
  package func knob(of setting: Setting) -> Setting {
    settings.first { $0.isKnob && setting.belongs(to: $0) } ?? setting
  }

  /// Sets a setting from a written value, in which words of older recipes keep their meaning and are noted.
  /// - Parameters:
  ///   - setting: of this catalog.
  ///   - value: as written.
  ///   - override: gets the value, or those that a former word stood for.
  ///   - place: the key as error messages name it.
  ///   - renamings: notes former words.
  /// - Throws: `RecipeError` naming the key, what was found and what is allowed.
  package func set(
    _ setting: Setting, to value: SettingValue, in override: inout LayerOverride, key place: String,
    _ renamings: inout Renamings
  ) throws {
    if let meaning = setting.formerWords[value.word] {
      for (key, value) in meaning { if let other = byKey[key] { try override.set(other, to: value) } }
      let words = settings.compactMap { other in meaning[other.key].map { "\(other.key)=\($0.word)" } }
      return renamings.note(value.word, words.joined(separator: " "))
    }
    try override.set(setting, to: value, key: place)
    let present = setting.value(in: override.settings).word
    if setting.options != nil, present != value.word { renamings.note(value.word, present) }
  }

  /// Checks every number, and that each layer that a recipe names is one of `names`.
  /// - Throws: `RecipeError.outOfRange` or `.unknownLayer`.
  package func validate(_ recipe: Recipe, layers names: [String]) throws {
    try validate(recipe.model, in: "")
    for (name, override) in recipe.layers.sorted(by: { $0.key < $1.key }) {
      guard names.contains(name) else {
        throw RecipeError.unknownLayer(name: name, close: SimilarNames.closest(to: name, in: names))
      }
      try validate(override.laid(over: recipe.model), in: "\(name): ")
    }
  }

  /// Numbers set from code are checked here; written ones are when they are read.
  private func validate(_ settings: LayerSettings, in place: String) throws {
    var copy = settings
    for setting in self.settings {
      try setting.set(setting.value(in: settings), in: &copy, key: place + setting.key)
    }
  }
}
