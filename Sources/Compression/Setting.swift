/// The settings of a recipe by name: one list that files, the command line and error messages go by.
enum Setting: String, CaseIterable {
  case prune, pruning, weights, activations, granularity, symmetry, calibration, rank

  /// What a person may write on the command line, where "bits" is short for "weights".
  init?(alias: String) {
    self.init(rawValue: alias == "bits" ? "weights" : alias)
  }

  static func check(_ value: Double, _ key: String, _ range: ClosedRange<Double>) throws {
    guard range.contains(value) else {
      throw CompressionError.outOfRange(
        key: key, found: "\(value)", allowed: "from \(range.lowerBound) to \(range.upperBound)")
    }
  }
}

/// One setting's value as written: a number or a word.
enum SettingValue {
  case number(Double)
  case word(String)

  /// A word, with whole numbers as their digits, so that `weights = 4` and `weights = "4"` mean the same.
  var word: String {
    switch self {
    case .word(let word): word
    case .number(let number): number == number.rounded() && abs(number) < 1e6 ? "\(Int(number))" : "\(number)"
    }
  }
}

extension LayerOverride {
  /// Sets one setting from its written value. `base` gives the quantization methods not named so far.
  /// - Throws: `CompressionError` naming the key, what was found and what is allowed.
  mutating func set(
    _ setting: Setting, to value: SettingValue, key: String, base: QuantizationMethod
  ) throws {
    var method = quantization ?? base
    switch setting {
    case .prune: prune = try Self.number(value, key, Recipe.pruneRange)
    case .rank: rank = try Self.number(value, key, Recipe.rankRange)
    case .pruning: pruning = try Self.choice(value, key)
    case .activations: activations = try Self.choice(value, key)
    case .weights:
      guard let precision = WeightPrecision(label: value.word) else {
        throw CompressionError.unknownValue(
          key: key, found: value.word, allowed: WeightPrecision.all.map(\.label))
      }
      weights = precision
    case .granularity:
      method.granularity = try Self.choice(value, key)
      quantization = method
    case .symmetry:
      method.symmetry = try Self.choice(value, key)
      quantization = method
    case .calibration:
      method.calibration = try Self.choice(value, key)
      quantization = method
    }
  }

  private static func number(
    _ value: SettingValue, _ key: String, _ range: ClosedRange<Double>
  ) throws -> Double {
    switch value {
    case .word(let word):
      throw CompressionError.wrongType(key: key, found: "text (\"\(word)\")", expected: "number")
    case .number(let number):
      try Setting.check(number, key, range)
      return number
    }
  }

  private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ value: SettingValue, _ key: String
  ) throws -> Choice {
    guard let choice = Choice(rawValue: value.word) else {
      throw CompressionError.unknownValue(
        key: key, found: value.word, allowed: Choice.allCases.map(\.rawValue))
    }
    return choice
  }
}
