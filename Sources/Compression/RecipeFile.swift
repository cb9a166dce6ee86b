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
    for setting in Setting.allCases {
      lines.append(line(setting, LayerOverride(model)))
    }
    for (name, override) in recipe.layers.sorted(by: { $0.key < $1.key }) {
      lines += ["", "[layers.\(quoted(name))]"]
      lines += Setting.allCases.filter { override.has($0) }.map { line($0, override) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func recipe(_ root: TOMLTable) throws -> Recipe {
    var recipe = Recipe()
    for key in root.keys where key != "model" && key != "layers" {
      throw CompressionError.unknownKey(key: key, table: "a recipe", allowed: ["model", "layers"])
    }
    if let model = try table(root, "model", place: "model") {
      recipe.model = LayerSettings(try override(model, table: "[model]", base: QuantizationMethod()))
    }
    if let layers = try table(root, "layers", place: "layers") {
      for name in layers.keys {
        let place = "[layers.\(quoted(name))]"
        guard let settings = try table(layers, name, place: place) else { continue }
        recipe.layers[name] = try override(settings, table: place, base: recipe.model.quantization)
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

  private static func override(
    _ table: TOMLTable, table place: String, base: QuantizationMethod
  ) throws -> LayerOverride {
    var override = LayerOverride()
    for key in table.keys {
      guard let setting = Setting(rawValue: key) else {
        throw CompressionError.unknownKey(key: key, table: place, allowed: Setting.allCases.map(\.rawValue))
      }
      let name = "\(place) \(key)"
      try override.set(setting, to: value(table[key], key: name), key: name, base: base)
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

  private static func line(_ setting: Setting, _ settings: LayerOverride) -> String {
    let value: String? =
      switch setting {
      case .prune: settings.prune.map { "\($0)" }
      case .rank: settings.rank.map { "\($0)" }
      case .pruning: settings.pruning.map { quoted($0.rawValue) }
      case .weights: settings.weights.map { quoted($0.label) }
      case .activations: settings.activations.map { quoted($0.rawValue) }
      case .granularity: settings.quantization.map { quoted($0.granularity.rawValue) }
      case .symmetry: settings.quantization.map { quoted($0.symmetry.rawValue) }
      case .calibration: settings.quantization.map { quoted($0.calibration.rawValue) }
      }
    return "\(setting.rawValue) = \(value ?? "\"\"")"
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

extension LayerOverride {
  /// Every setting of the model spelled out.
  fileprivate init(_ settings: LayerSettings) {
    self.init()
    prune = settings.prune
    pruning = settings.pruning
    weights = settings.weights
    activations = settings.activations
    quantization = settings.quantization
    rank = settings.rank
  }

  fileprivate func has(_ setting: Setting) -> Bool {
    switch setting {
    case .prune: prune != nil
    case .rank: rank != nil
    case .pruning: pruning != nil
    case .weights: weights != nil
    case .activations: activations != nil
    case .granularity, .symmetry, .calibration: quantization != nil
    }
  }
}

extension LayerSettings {
  /// The defaults with what the table names in their place.
  fileprivate init(_ override: LayerOverride) {
    var recipe = Recipe()
    recipe.layers[""] = override
    self = recipe.settings(for: "")
  }
}
