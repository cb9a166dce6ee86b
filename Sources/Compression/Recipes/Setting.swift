/// The settings of a recipe by name: the one list that files, the command line, the knobs and error messages go by.
///
/// A new setting is a property of `LayerSettings`, a case here in the order in which it is shown, and a line in `access`.
package enum Setting: String, CaseIterable, Codable, Hashable, Sendable {
  case prune, pruning, pattern, allocation, multiple, compensation
  case weights, granularity, symmetry, calibration, rounding, scaling, numbers, bias, norms, edges
  case activations
  case rank, factorization
  case rankBy = "rank-by"
  case residual

  /// How the setting is reached in `LayerSettings`, and what values it takes.
  var access: SettingAccess {
    switch self {
    case .prune: .ratio(\.prune, Recipe.pruneRange)
    case .pruning: SettingAccess.choice(\.pruning).understanding(FormerPruning.write)
    case .pattern: .choice(\.pattern)
    case .allocation: .choice(\.allocation)
    case .multiple: .choice(\.multiple)
    case .compensation: .choice(\.compensation)
    case .weights: .choice(\.weights)
    case .numbers: .choice(\.numbers)
    case .granularity: .choice(\.granularity)
    case .symmetry: .choice(\.symmetry)
    case .calibration: .choice(\.calibration)
    case .rounding: .choice(\.rounding)
    case .scaling: .choice(\.scaling)
    case .bias: .choice(\.bias)
    case .norms: .choice(\.norms)
    case .edges: .choice(\.edges)
    case .activations: .choice(\.activations)
    case .rank: .ratio(\.rank, Recipe.rankRange)
    case .factorization: .choice(\.factorization)
    case .rankBy: .choice(\.rankBy)
    case .residual: .ratio(\.residual, Recipe.residualRange)
    }
  }

  /// The knob that it is a method of; itself where it is a knob.
  package var knob: Setting {
    switch self {
    case .prune, .pruning, .pattern, .allocation, .multiple, .compensation: .prune
    case .weights, .numbers, .granularity, .symmetry, .calibration, .rounding, .scaling, .bias, .norms,
      .edges:
      .weights
    case .activations: .activations
    case .rank, .factorization, .rankBy, .residual: .rank
    }
  }

  /// A word of at most seven letters for the panel of knobs.
  package var title: String {
    switch self {
    case .prune: "prune"
    case .pruning: "method"
    case .pattern: "pattern"
    case .allocation: "shares"
    case .multiple: "align"
    case .compensation: "repair"
    case .weights: "bits W"
    case .numbers: "numbers"
    case .granularity: "scales"
    case .symmetry: "zero pt"
    case .calibration: "range"
    case .rounding: "round"
    case .scaling: "scaling"
    case .bias: "bias"
    case .norms: "norms"
    case .edges: "edges"
    case .activations: "bits A"
    case .rank: "rank"
    case .factorization: "factors"
    case .rankBy: "counted"
    case .residual: "sparse"
    }
  }

  /// One sentence on what it does.
  package var explanation: String {
    switch self {
    case .prune: "Share of weights set to zero, or of neurons and filters removed, the least important first."
    case .pruning: "By what it is judged which weights, channels, heads or branches matter least."
    case .pattern:
      "What goes together: single weights, N of M, blocks, or whole channels, heads and branches."
    case .allocation: "How much each layer gives of what is to go."
    case .multiple: "Numbers of channels that may stay."
    case .compensation: "What makes up for removed channels, weights and ranks."
    case .weights: "Bits of a stored weight: 32 and 16 are floats, 8 to 2 integers, 1.58 ternary, 1 signs."
    case .numbers: "What the codes of a weight are: integers, or floats of so few bits."
    case .granularity: "How many weights share a scale; fewer are more accurate and a little larger."
    case .symmetry: "Whether codes centre on zero, or spend a zero point to fit a skewed range."
    case .calibration: "How the range that the codes span is found."
    case .rounding: "How weights are rounded to codes: each by itself, or with an eye on the layer's output."
    case .scaling: "What is shifted between layers before rounding; the network computes the same."
    case .bias: "Whether biases make up for the mean error of the rounded weights."
    case .norms: "Whether batch normalizations become part of the weights before they are rounded."
    case .edges: "Whether the first and the last layer keep more bits than the others."
    case .activations: "Bits of what flows between layers; 8 lets quantized layers run integer dot products."
    case .rank: "Share of the rank kept; a layer becomes two or three thin products where that saves weights."
    case .factorization: "How a layer is taken apart into smaller ones."
    case .rankBy: "What the number of the rank counts."
    case .residual: "Share of the weights that are kept in a sparse layer beside the factors."
    }
  }

  /// What a person may write on the command line, where "bits" is short for "weights".
  init?(alias: String) {
    self.init(rawValue: alias == "bits" ? "weights" : alias)
  }

  /// The setting that `path` leads to.
  init?(_ path: PartialKeyPath<LayerSettings>) {
    guard let found = Setting.allCases.first(where: { $0.access.path == path }) else { return nil }
    self = found
  }

  /// The values it can take, each with what there is to say of it; nil for a number.
  package var options: [SettingOption]? { access.options }

  /// The numbers it can take; nil for a choice.
  package var range: ClosedRange<Double>? { access.range }

  package func value(in settings: LayerSettings) -> SettingValue { access.read(settings) }

  /// - Throws: `CompressionError` naming the key, what was found and what is allowed.
  package func set(_ value: SettingValue, in settings: inout LayerSettings, key: String? = nil) throws {
    let key = key ?? rawValue
    if access.write(value, &settings) { return }
    switch (options, range, value) {
    case (let options?, _, _):
      throw CompressionError.unknownValue(key: key, found: value.word, allowed: options.map(\.label))
    case (_, let range?, .number(let number)):
      throw CompressionError.outOfRange(
        key: key, found: "\(number)", allowed: "from \(range.lowerBound) to \(range.upperBound)")
    case (_, _, .number), (_, _, .word):
      throw CompressionError.wrongType(key: key, found: "text (\"\(value.word)\")", expected: "number")
    }
  }
}

/// Settings as keys of encoded text.
struct SettingKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ setting: Setting) { stringValue = setting.rawValue }
  init(_ name: String) { stringValue = name }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
