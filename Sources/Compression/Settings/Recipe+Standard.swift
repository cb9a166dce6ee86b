import Recipes

extension LayerSettings {
  /// Nothing is asked for, whatever the methods say.
  package var isIdentity: Bool { Setting.knobs.allSatisfy { $0.isStandard(in: self) } }

  /// Such as "P50 W4A8 gptq"; "original" where nothing is asked for.
  package var summary: String { SettingCatalog.standard.summary(of: self) }
}

extension Recipe {
  /// A short text for charts and lists, such as "P50 wanda W4A8 R75": what differs from the original, "original" if
  /// nothing does. P is pruning and S structured pruning in percent, W and A bits, R the rank kept in percent, each with
  /// its methods that are not the standard ones. A single layer with settings of its own is named, as in "fc1:W4"; "+2"
  /// counts several.
  package var summary: String {
    var parts = model.isIdentity ? [] : [model.summary]
    let own = layers.keys.filter { settings(for: $0) != model }
    if own.count == 1, let name = own.first {
      parts.append("\(LayerName.short(name)):\(settings(for: name).summary)")
    } else if own.count > 1 {
      parts.append("+\(own.count)")
    }
    return parts.isEmpty ? "original" : parts.joined(separator: " ")
  }
}

/// Recipes as TOML, with the settings that there are.
package enum RecipeFile {
  /// - Throws: `RecipeError` naming the line, or the key with what was found and what is allowed.
  package static func read(_ text: String) throws -> Recipe {
    var renamings = Renamings()
    return try read(text, &renamings)
  }

  /// - Parameters:
  ///   - text: TOML.
  ///   - renamings: notes the former names that the text uses.
  /// - Throws: `RecipeError` naming the line, or the key with what was found and what is allowed.
  package static func read(_ text: String, _ renamings: inout Renamings) throws -> Recipe {
    try SettingCatalog.standard.read(text, &renamings)
  }

  /// Text that `read` turns back into the same recipe; keys in a fixed order, layers by name.
  package static func write(_ recipe: Recipe) -> String { SettingCatalog.standard.write(recipe) }
}

/// By the settings' keys; what is missing has its standard.
extension LayerSettings: Codable {
  package init(from decoder: any Decoder) throws {
    self = try SettingCatalog.standard.override(from: decoder).laid(over: LayerSettings())
  }

  package func encode(to encoder: any Encoder) throws {
    try SettingCatalog.standard.encode(self, to: encoder)
  }
}

/// By the keys of the settings named.
extension LayerOverride: Codable {
  package init(from decoder: any Decoder) throws {
    self = try SettingCatalog.standard.override(from: decoder)
  }

  package func encode(to encoder: any Encoder) throws {
    try SettingCatalog.standard.encode(self, to: encoder)
  }
}

extension Recipe: Codable {
  private enum Key: String, CodingKey { case model, layers }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      model: try container.decode(LayerSettings.self, forKey: .model),
      layers: try container.decode([String: LayerOverride].self, forKey: .layers))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(model, forKey: .model)
    try container.encode(layers, forKey: .layers)
  }
}
