import GraphIR
import Recipes
import TensorCore

/// By what it is judged which weights, or which neurons, filters, heads or branches, matter least.
///
/// A criterion stands in a file of its own, and in a line of `allCases`.
package struct PruningCriterion: SettingChoice {
  package let label: String
  package let note: MethodNote
  /// How it judges single weights; nil where it does not, and magnitude stands in.
  let weights: WeightJudgement?
  /// How it judges neurons, filters, units and heads; nil where it does not, and the L2 norm stands in.
  let channels: ChannelJudgement?
  /// How it judges branches beside a residual; nil where it does not, and what they add stands in.
  let branches: BranchJudgement?

  init(
    _ label: String, _ note: MethodNote, weights: WeightJudgement? = nil, channels: ChannelJudgement? = nil,
    branches: BranchJudgement? = nil
  ) {
    self.label = label
    self.note = note
    self.weights = weights
    self.channels = channels
    self.branches = branches
  }

  /// In the order in which they are shown.
  package static let allCases: [PruningCriterion] = [
    .magnitude,
    .wanda,
    .relativeImportance,
    .brainSurgeon,
    .sparseGPT,
    .l1,
    .geometricMedian,
    .batchNorm,
    .activation,
    .variance,
    .random,
  ]
}

extension PruningCriterion {
  package static func == (left: PruningCriterion, right: PruningCriterion) -> Bool {
    left.label == right.label
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(label) }
}

/// How single weights are judged.
struct WeightJudgement: Sendable {
  /// Whether it looks at what the layer reads on calibration data.
  var needsInputs = false
  /// Whether it goes by magnitudes alone, which a threshold over many layers finds in linear time.
  var isMagnitude = false
  /// Which weights stay; those that stay may be changed to make up for those that go.
  let keep: @Sendable (inout WeightMatrix, LayerPruning) throws -> [Bool]
}

/// How the channels that go together are judged: what is looked at, and what it is worth. The lowest go first.
enum ChannelJudgement: Sendable {
  /// The weights of the layers that make the channels: a value per output.
  case weights(@Sendable (Weight, Layer) -> [Double])
  /// What a layer behind reads on calibration data: a value per entry that it reads.
  case readings(@Sendable (ChannelReading) -> [Double])
  /// The scales of the batch normalizations behind the channels.
  case scales(@Sendable (Float) -> Double)
  /// Nothing: a value per channel is drawn, the same for the same layer.
  case seeded(@Sendable (inout SeededGenerator) -> Double)

  /// Whether it looks at what layers read on calibration data.
  var needsReadings: Bool {
    switch self {
    case .readings: true
    case .weights, .scales, .seeded: false
    }
  }
}

/// What a layer reads of the channels in front of it.
struct ChannelReading {
  let statistics: ChannelStatistics
  let layer: Layer
  let weight: Weight
}

/// How branches beside a residual are judged. The lowest go first.
enum BranchJudgement: Sendable {
  /// What they add to what flows past them on calibration data.
  case outputs(@Sendable (_ added: ValueMoments, _ past: ValueMoments) -> Double)
  /// Nothing: a value per branch is drawn, the same for the same branch.
  case seeded(@Sendable (inout SeededGenerator) -> Double)
}

extension SettingKeys {
  package var criterion: TypedSetting<PruningCriterion> {
    TypedSetting(
      "criterion", "By what it is judged which weights, channels, heads or branches matter least.",
      of: "prune", standard: .magnitude, formerKeys: ["pruning"], formerWords: formerWords)
  }
}

/// Words that stood for a criterion, a pattern and an allocation at once in older recipes.
private let formerWords: [String: [String: SettingValue]] = [
  "magnitude-global": meaning(pattern: .weights, allocation: .global),
  "magnitude-per-layer": meaning(pattern: .weights, allocation: .uniform),
  "structured-l2": meaning(pattern: .channels, allocation: .uniform),
]

private func meaning(pattern: PruningPattern, allocation: PruningAllocation) -> [String: SettingValue] {
  [
    "criterion": PruningCriterion.magnitude.value, "pattern": pattern.value, "allocation": allocation.value,
  ]
}
