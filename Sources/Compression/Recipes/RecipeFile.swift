import TOMLKit

/// A recipe as TOML: a `[model]` table, and a `[layers."NAME"]` table for each layer with settings of its own.
package enum RecipeFile {
  /// - Throws: `CompressionError` naming the line, or the key with what was found and what is allowed.
  package static func read(_ text: String) throws -> Recipe {
    let root: TOMLTable
    do {
      root = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw CompressionError.malformedRecipe(line: error.source.begin.line, reason: error.description)
    }
    return try withExtendedLifetime(root) { try recipe(root) }
  }

  /// Text that `read` turns back into the same recipe; keys in a fixed order, layers by name.
  package static func write(_ recipe: Recipe) -> String {
    let model = recipe.model
    var lines = [
      "# A paretop recipe: what to prune, factorize and quantize; [layers.\"NAME\"] replaces it for one layer.",
      "[model]",
    ]
    lines += Setting.allCases.map { line($0, model) }
    for (name, override) in recipe.layers.sorted(by: { $0.key < $1.key }) {
      lines += ["", "[layers.\(quoted(name))]"]
      let settings = override.laid(over: model)
      lines += Setting.allCases.filter(override.named.contains).map { line($0, settings) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func recipe(_ root: TOMLTable) throws -> Recipe {
    var recipe = Recipe()
    for key in root.keys where key != "model" && key != "layers" {
      throw CompressionError.unknownKey(key: key, table: "a recipe", allowed: ["model", "layers"])
    }
    if let model = try table(root, "model", place: "model") {
      recipe.model = try override(model, table: "[model]").laid(over: recipe.model)
    }
    if let layers = try table(root, "layers", place: "layers") {
      for name in layers.keys {
        let place = "[layers.\(quoted(name))]"
        guard let settings = try table(layers, name, place: place) else { continue }
        recipe.layers[name] = try override(settings, table: place)
      }
    }
    return recipe
  }

  private static func table(_ parent: TOMLTable, _ key: String, place: String) throws -> TOMLTable? {
    guard let value = parent[key] else { return nil }
    guard let table = value.table else {
      throw CompressionError.wrongType(key: place, found: "\(value.type)", expected: "table")
    }
    return table
  }

  private static func override(_ table: TOMLTable, table place: String) throws -> LayerOverride {
    var override = LayerOverride()
    for key in table.keys {
      guard let setting = Setting(rawValue: key) else {
        throw CompressionError.unknownKey(key: key, table: place, allowed: Setting.allCases.map(\.rawValue))
      }
      let name = "\(place) \(key)"
      try override.set(setting, to: value(table[key], key: name), key: name)
    }
    return override
  }

  private static func value(_ value: (any TOMLValueConvertible)?, key: String) throws -> SettingValue {
    if let number = value?.int { return .number(Double(number)) }
    if let number = value?.double { return .number(number) }
    if let word = value?.string { return .word(word) }
    let found = value.map { "\($0.type)" } ?? "nothing"
    throw CompressionError.wrongType(key: key, found: found, expected: "number or text")
  }

  private static func line(_ setting: Setting, _ settings: LayerSettings) -> String {
    switch setting.value(in: settings) {
    case .number(let number): "\(setting.rawValue) = \(number)"
    case .word(let word): "\(setting.rawValue) = \(quoted(word))"
    }
  }

  /// A TOML basic string.
  private static func quoted(_ text: String) -> String {
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
