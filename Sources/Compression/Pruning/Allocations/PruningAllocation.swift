import Recipes

/// How much each layer gives of what is to go.
///
/// An allocation stands in a file of its own, and in a line of `allCases`.
package struct PruningAllocation: SettingChoice {
  package let label: String
  package let note: MethodNote
  /// Whether every layer gives the share that it is asked for, whatever the others hold.
  var isPerLayer = false
  /// Whether weights go that are below one threshold for all layers, where magnitude is the criterion.
  var isThreshold = false
  /// Whether it looks at what layers read on calibration data.
  var needsInputs = false
  /// How many weights each layer gives.
  let weights: @Sendable (WeightShares) -> [Int]
  /// How many channels each of some spaces gives.
  let channels: @Sendable (ChannelShares) -> [Int]

  init(
    _ label: String, _ note: MethodNote, isPerLayer: Bool = false, isThreshold: Bool = false,
    needsInputs: Bool = false, weights: @escaping @Sendable (WeightShares) -> [Int],
    channels: @escaping @Sendable (ChannelShares) -> [Int]
  ) {
    self.label = label
    self.note = note
    self.isPerLayer = isPerLayer
    self.isThreshold = isThreshold
    self.needsInputs = needsInputs
    self.weights = weights
    self.channels = channels
  }

  /// In the order in which they are shown.
  package static let allCases: [PruningAllocation] = [
    .global,
    .uniform,
    .erk,
    .lamp,
    .outlierWeighed,
  ]
}

extension PruningAllocation {
  package static func == (left: PruningAllocation, right: PruningAllocation) -> Bool {
    left.label == right.label
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(label) }
}

/// Layers that share out which weights go.
struct WeightShares {
  /// The share of all of them that goes.
  let ratio: Double
  /// Each weight's shape, outputs and inputs first.
  let shapes: [[Int]]
  /// Visits the values of the layer with the given index.
  let visit: (Int, (UnsafeBufferPointer<Float>) -> Void) -> Void
  /// Magnitudes of the weights of the layer with the given index times the norms of what they read, one row per output;
  /// magnitudes alone where what it reads is not known or not asked for.
  let products: (Int) -> [Float]

  /// Weights of each layer.
  var sizes: [Int] { shapes.map { $0.reduce(1, *) } }
  /// Weights that go in all.
  var total: Int { Int((ratio * Double(sizes.reduce(0, +))).rounded()) }
}

/// Spaces of channels that share out which channels go.
struct ChannelShares {
  struct Space {
    /// The shape of the weight that makes the channels, outputs and inputs first.
    let shape: [Int]
    /// One per channel; the lowest go first.
    let scores: [Double]
  }

  /// The share of all channels that goes.
  let ratio: Double
  let spaces: [Space]

  var sizes: [Int] { spaces.map(\.scores.count) }

  /// How many channels each space gives where the lowest of all go once they are weighed, one of each space staying.
  func lowest(weighed: ([Double]) -> [Double]) -> [Int] {
    var pooled: [(score: Double, space: Int, channel: Int)] = []
    for (index, space) in spaces.enumerated() {
      for (channel, score) in weighed(space.scores).enumerated() { pooled.append((score, index, channel)) }
    }
    pooled.sort { ($0.score, $0.space, $0.channel) < ($1.score, $1.space, $1.channel) }
    var wanted = Int((ratio * Double(pooled.count)).rounded())
    var counts = [Int](repeating: 0, count: spaces.count)
    for entry in pooled where wanted > 0 {
      guard counts[entry.space] + 1 < spaces[entry.space].scores.count else { continue }
      counts[entry.space] += 1
      wanted -= 1
    }
    return counts
  }
}

extension SettingKeys {
  package var allocation: TypedSetting<PruningAllocation> {
    TypedSetting("allocation", "How much each layer gives of what is to go.", of: "prune", standard: .global)
  }
}
