import Recipes

/// What makes up for what is removed.
///
/// A compensation stands in a file of its own, and in a line of `allCases`.
package struct Compensation: SettingChoice {
  package let label: String
  package let note: MethodNote
  /// What it adds to the biases of the layers behind channels that go; nil where it leaves biases alone.
  let biases: (@Sendable (RemovedChannels) -> [String: [Float]])?
  /// What it does once all that is to go is gone, and before anything is quantized; nil for nothing.
  let pass: (any CompressionPass)?

  init(
    _ label: String, _ note: MethodNote, biases: (@Sendable (RemovedChannels) -> [String: [Float]])? = nil,
    pass: (any CompressionPass)? = nil
  ) {
    self.label = label
    self.note = note
    self.biases = biases
    self.pass = pass
  }

  /// In the order in which they are shown.
  package static let allCases: [Compensation] = [
    .none,
    .mean,
    .batchNorm,
  ]

  package static let formerLabels = ["norms": "batch-norm"]

  package static let none = Compensation("none", MethodNote("What is removed leaves nothing behind."))
}

extension Compensation {
  package static func == (left: Compensation, right: Compensation) -> Bool { left.label == right.label }

  package func hash(into hasher: inout Hasher) { hasher.combine(label) }
}

/// Channels that go, and what the layers behind read of them.
struct RemovedChannels {
  let context: PassContext
  let analysis: ChannelAnalysis
  /// By name.
  let layers: [String: TrackedLayer]
  /// What layers read on calibration data, by value.
  let statistics: [String: ChannelStatistics]
  /// The channels of each space that stay.
  let kept: [Int: Set<Int>]
}

extension SettingKeys {
  package var compensation: TypedSetting<Compensation> {
    TypedSetting(
      "compensation", "What makes up for removed channels, weights and ranks.", of: "prune", standard: .none)
  }
}
