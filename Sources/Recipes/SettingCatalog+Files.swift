import TOMLKit

/// A recipe as TOML: a `[model]` table, and a `[layers."NAME"]` table for each layer with settings of its own.
extension SettingCatalog {
  /// - Parameters:
  ///   - text: TOML.
  ///   - renamings: notes the former names that the text uses.
  /// - Throws: `RecipeError` naming the line, or the key with what was found and what is allowed.
  package func read(_ text: String, _ renamings: inout Renamings) throws -> Recipe {
    let root: TOMLTable
    do {
      root = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw RecipeError.malformed(line: error.source.begin.line, reason: error.description)
    }
    return try withExtendedLifetime(root) { try recipe(root, &renamings) }
  }

  /// Text that `read` turns back into the same recipe; keys in a fixed order, layers by name.
  package func write(_ recipe: Recipe) -> String {
    let model = recipe.model
    var lines = [
      "# A paretop recipe: what to prune, factorize and quantize; [layers.\"NAME\"] replaces it for one layer.",
      "[model]",
    ]
    lines += settings.map { line($0, model) }
    for (name, override) in recipe.layers.sorted(by: { $0.key < $1.key }) {
      lines += ["", "[layers.\(quoted(name))]"]
      let own = override.laid(over: model)
      lines += settings.filter { override.named.contains($0.key) }.map { line($0, own) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func recipe(_ root: TOMLTable, _ renamings: inout Renamings) throws -> Recipe {
    var recipe = Recipe()
    for key in root.keys where key != "model" && key != "layers" {
      throw RecipeError.unknownKey(key: key, table: "a recipe", allowed: ["model", "layers"])
    }
    if let model = try table(root, "model", place: "model") {
      recipe.model = try override(model, table: "[model]", &renamings).laid(over: recipe.model)
    }
    if let layers = try table(root, "layers", place: "layers") {
      for name in layers.keys {
        let place = "[layers.\(quoted(name))]"
        guard let settings = try table(layers, name, place: place) else { continue }
        recipe.layers[name] = try override(settings, table: place, &renamings)
      }
    }
    return recipe
  }

  private func table(_ parent: TOMLTable, _ key: String, place: String) throws -> TOMLTable? {
    guard let value = parent[key] else { return nil }
    guard let table = value.table else {
      throw RecipeError.wrongType(key: place, found: "\(value.type)", expected: "table")
    }
    return table
  }

  private func override(
    _ table: TOMLTable, table place: String, _ renamings: inout Renamings
  ) throws -> LayerOverride {
    var override = LayerOverride()
    for key in table.keys {
      let setting = try setting(key, in: place, &renamings)
      if key != setting.key, table[setting.key] != nil {
        throw RecipeError.givenTwice(key: "\(place) \(setting.key)", former: key)
      }
      let name = "\(place) \(key)"
      try set(setting, to: value(table[key], key: name), in: &override, key: name, &renamings)
    }
    return override
  }

  private func value(_ value: (any TOMLValueConvertible)?, key: String) throws -> SettingValue {
    if let number = value?.int { return .number(Double(number)) }
    if let number = value?.double { return .number(number) }
    if let word = value?.string { return .word(word) }
    let found = value.map { "\($0.type)" } ?? "nothing"
    throw RecipeError.wrongType(key: key, found: found, expected: "number or text")
  }

  private func line(_ setting: Setting, _ settings: LayerSettings) -> String {
    switch setting.value(in: settings) {
    case .number(let number): "\(setting.key) = \(number)"
    case .word(let word): "\(setting.key) = \(quoted(word))"
    }
  }

  /// A TOML basic string.
  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
