import Recipes

/// What is shifted between layers before their weights are rounded, so that they round better; the network computes the
/// same.
///
/// An equalization stands in a file of its own, and in a line of `allCases`.
package struct Equalization: SettingChoice {
  package let label: String
  package let note: MethodNote
  /// How channels of what layers read are scaled against the weights that read them; nil where they are not.
  let inputs: InputFactors?
  /// What it does instead, or beside; nil for nothing.
  let pass: (any CompressionPass)?
  /// Whether nearest rounding then looks for the range that clips best.
  let searchesClips: Bool

  init(
    _ label: String, _ note: MethodNote, inputs: InputFactors? = nil, pass: (any CompressionPass)? = nil,
    searchesClips: Bool = false
  ) {
    self.label = label
    self.note = note
    self.inputs = inputs
    self.pass = pass
    self.searchesClips = searchesClips
  }

  /// In the order in which they are shown.
  package static let allCases: [Equalization] = [
    .none,
    .crossLayer,
    .smoothQuant,
    .awq,
  ]

  package static let formerLabels = ["equalize": "cross-layer"]

  package static let none = Equalization("none", MethodNote("Weights are rounded as they are."))
}

extension Equalization {
  package static func == (left: Equalization, right: Equalization) -> Bool { left.label == right.label }

  package func hash(into hasher: inout Hasher) { hasher.combine(label) }
}

/// How the factors are found by which channels of an input are divided, and the weights that read them multiplied.
struct InputFactors: Sendable {
  /// Whether it looks at the second moments of what layers read, beside their magnitudes.
  var needsGram = false
  /// A factor per channel that layers with one input read; 1 leaves it alone.
  let factors: @Sendable ([ScaledReader]) throws -> [Float]
}

/// A layer that reads an input whose channels are to be scaled.
struct ScaledReader {
  let layer: TrackedLayer
  let matrix: WeightMatrix
  let inputs: LayerInputStatistics
  let channels: InputChannels
}

extension LayerSettings {
  /// Whether a layer's weights become codes.
  var hasCodes: Bool {
    if case .quantized = self.weightBits { true } else { false }
  }
}

extension SettingKeys {
  package var equalization: TypedSetting<Equalization> {
    TypedSetting(
      "equalization", "What is shifted between layers before rounding; the network computes the same.",
      of: "weight-bits", standard: .none, formerKeys: ["scaling"])
  }
}
