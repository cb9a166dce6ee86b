/// Settings as objects of encoded text, each by its key.
extension SettingCatalog {
  /// All settings.
  package func encode(_ settings: LayerSettings, to encoder: any Encoder) throws {
    try encode(settings, self.settings, to: encoder)
  }

  /// Those that an override names.
  package func encode(_ override: LayerOverride, to encoder: any Encoder) throws {
    try encode(override.settings, settings.filter { override.named.contains($0.key) }, to: encoder)
  }

  private func encode(_ values: LayerSettings, _ settings: [Setting], to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: SettingCodingKey.self)
    for setting in settings {
      try container.encode(setting.value(in: values), forKey: SettingCodingKey(setting.key))
    }
  }

  /// What the object names, by present or former names; other keys are passed over. Former names of what differs from
  /// the standard are noted in the decoder's `RenamingLog`, where it has one.
  /// - Throws: `DecodingError` for a value that a setting does not have.
  package func override(from decoder: any Decoder) throws -> LayerOverride {
    let container = try decoder.container(keyedBy: SettingCodingKey.self)
    // Sessions once kept the quantization method in an object of its own.
    let nested = try? container.nestedContainer(
      keyedBy: SettingCodingKey.self, forKey: SettingCodingKey("quantization"))
    var override = LayerOverride()
    var renamings = Renamings()
    for part in [nested, container].compactMap({ $0 }) {
      for setting in settings {
        for name in setting.formerKeys + [setting.key] {
          let key = SettingCodingKey(name)
          guard let value = try part.decodeIfPresent(SettingValue.self, forKey: key) else { continue }
          do {
            try set(setting, to: value, in: &override, key: name, &renamings)
            // All settings are written, also those that nobody has touched: there is nothing to say of them.
            if name != setting.key, !setting.isStandard(in: override.settings) {
              renamings.note(name, setting.key)
            }
          } catch let error as RecipeError {
            throw DecodingError.dataCorruptedError(forKey: key, in: part, debugDescription: error.description)
          }
        }
      }
    }
    if let key = CodingUserInfoKey.renamings, let log = decoder.userInfo[key] as? RenamingLog {
      log.note(renamings)
    }
    return override
  }
}

/// Settings as keys of encoded text.
private struct SettingCodingKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
