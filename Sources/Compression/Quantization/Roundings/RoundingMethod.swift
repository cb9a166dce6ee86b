import Recipes

/// How weights are rounded to codes.
///
/// A rounding stands in a file of its own, and in a line of `allCases`.
package struct RoundingMethod: SettingChoice {
  package let label: String
  package let note: MethodNote
  /// The codes that it takes; others are rounded to the nearest.
  let scope: RoundingScope
  /// Whether it looks at what the layers in front became once they are rounded.
  let looksAtFront: Bool
  /// How weights are rounded together; nil where each is rounded by itself.
  let codes: RoundingCodes?

  init(
    _ label: String, _ note: MethodNote, scope: RoundingScope = .all, looksAtFront: Bool = false,
    codes: RoundingCodes? = nil
  ) {
    self.label = label
    self.note = note
    self.scope = scope
    self.looksAtFront = looksAtFront
    self.codes = codes
  }

  /// In the order in which they are shown.
  package static let allCases: [RoundingMethod] = [
    .nearest,
    .gptq,
    .gptqOrdered,
    .adaRound,
    .squant,
  ]

  package static let nearest = RoundingMethod(
    "nearest",
    MethodNote("Each weight takes the nearest code.", source: "Jacob et al. 2018, arXiv:1712.05877"))
}

extension RoundingMethod {
  package static func == (left: RoundingMethod, right: RoundingMethod) -> Bool { left.label == right.label }

  package func hash(into hasher: inout Hasher) { hasher.combine(label) }
}

extension RoundingMethod {
  /// Whether it looks at what the layer reads on calibration data.
  var needsInputs: Bool {
    switch codes {
    case .inputs: true
    case .weights, nil: false
    }
  }
}

/// How the weights of a layer are rounded together.
enum RoundingCodes: Sendable {
  /// By the weights alone, one row per output.
  case weights(@Sendable (WeightMatrix, CodeScheme, Layer) throws -> CodeMatrix)
  /// By what the layer reads on calibration data.
  case inputs(@Sendable (RoundingProblem) throws -> CodeMatrix)
}

/// What codes a rounding takes.
enum RoundingScope: Sendable {
  case all
  /// Integers of two bits and more.
  case integers

  func takes(_ scheme: CodeScheme) -> Bool {
    switch self {
    case .all: true
    case .integers: scheme.format == .integer && scheme.bits != .ternary && scheme.bits != .binary
    }
  }

  /// For remarks.
  var text: String {
    switch self {
    case .all: "all codes"
    case .integers: "integers of 2 bits and more"
    }
  }
}

extension SettingKeys {
  package var rounding: TypedSetting<RoundingMethod> {
    TypedSetting(
      "rounding", "How weights are rounded to codes: each by itself, or with an eye on the layer's output.",
      of: "weight-bits", standard: .nearest)
  }
}
