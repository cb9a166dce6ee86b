import TensorCore

/// What to do with a model: settings for all layers, and what single layers do differently.
///
/// Undo, sweeps, search, sessions and exports all speak recipes. The identity recipe leaves the model as it is.
package struct Recipe: Codable, Hashable, Sendable {
  package var model: LayerSettings
  /// Settings that replace the model's, by layer name.
  package var layers: [String: LayerOverride]

  package init(model: LayerSettings = LayerSettings(), layers: [String: LayerOverride] = [:]) {
    self.model = model
    self.layers = layers
  }

  package static let identity = Recipe()

  /// What applies to a layer once its overrides are laid over the model's settings.
  package func settings(for layer: String) -> LayerSettings {
    guard let override = layers[layer] else { return model }
    return LayerSettings(
      prune: override.prune ?? model.prune,
      pruning: override.pruning ?? model.pruning,
      weights: override.weights ?? model.weights,
      activations: override.activations ?? model.activations,
      quantization: override.quantization ?? model.quantization,
      rank: override.rank ?? model.rank)
  }
}

/// The three knobs and their methods.
package struct LayerSettings: Codable, Hashable, Sendable {
  /// Share of weights (or of neurons and filters) to remove, 0...0.99.
  package var prune: Double
  package var pruning: PruningMethod
  package var weights: WeightPrecision
  package var activations: ActivationPrecision
  package var quantization: QuantizationMethod
  /// Share of the full rank to keep, 0.01...1; 1 leaves the layer unfactorized.
  package var rank: Double

  package init(
    prune: Double = 0, pruning: PruningMethod = .magnitudeGlobal, weights: WeightPrecision = .float32,
    activations: ActivationPrecision = .float32, quantization: QuantizationMethod = QuantizationMethod(),
    rank: Double = 1
  ) {
    self.prune = prune
    self.pruning = pruning
    self.weights = weights
    self.activations = activations
    self.quantization = quantization
    self.rank = rank
  }
}

/// Settings of one layer that differ from the model's; nil means the model's.
package struct LayerOverride: Codable, Hashable, Sendable {
  package var prune: Double?
  package var pruning: PruningMethod?
  package var weights: WeightPrecision?
  package var activations: ActivationPrecision?
  package var quantization: QuantizationMethod?
  package var rank: Double?

  package init() {}

  package var isEmpty: Bool { self == LayerOverride() }
}

package enum PruningMethod: String, Codable, Hashable, Sendable, CaseIterable {
  /// One magnitude threshold over all layers that prune this way.
  case magnitudeGlobal = "magnitude-global"
  /// A magnitude threshold for each layer.
  case magnitudePerLayer = "magnitude-per-layer"
  /// Whole neurons or filters with the smallest L2 norm, removed so that the tensors shrink.
  case structured = "structured-l2"
}

package enum WeightPrecision: Hashable, Sendable, Codable {
  case float32
  case float16
  case quantized(WeightBits)

  /// From widest to narrowest, as the knob turns.
  package static let all: [WeightPrecision] =
    [.float32, .float16] + WeightBits.allCases.map { .quantized($0) }

  /// "32", "16", "8", ..., "1.58", "1".
  package var label: String {
    switch self {
    case .float32: "32"
    case .float16: "16"
    case .quantized(let bits): bits.rawValue
    }
  }

  package init?(label: String) {
    guard let match = WeightPrecision.all.first(where: { $0.label == label }) else { return nil }
    self = match
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let label = try container.decode(String.self)
    guard let value = WeightPrecision(label: label) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "weight bits \"\(label)\" is not one of \(WeightPrecision.all.map(\.label))")
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(label)
  }
}

package enum ActivationPrecision: String, Codable, Hashable, Sendable, CaseIterable {
  case float32 = "32"
  /// Unsigned 8-bit with scale and zero point per tensor, set on calibration data.
  case int8 = "8"
}

/// How integer codes are chosen.
package struct QuantizationMethod: Codable, Hashable, Sendable {
  package var granularity: Granularity
  package var symmetry: Symmetry
  package var calibration: CalibrationMethod

  package enum Granularity: String, Codable, Hashable, Sendable, CaseIterable {
    case perTensor = "per-tensor"
    case perChannel = "per-channel"
  }

  package enum Symmetry: String, Codable, Hashable, Sendable, CaseIterable {
    case symmetric, asymmetric
  }

  /// How the clipping range is found, for weights and for activations.
  package enum CalibrationMethod: String, Codable, Hashable, Sendable, CaseIterable {
    case minMax = "min-max"
    /// Clips to the 99.9th percentile of magnitudes.
    case percentile = "percentile-99.9"
  }

  package init(
    granularity: Granularity = .perChannel, symmetry: Symmetry = .symmetric,
    calibration: CalibrationMethod = .minMax
  ) {
    self.granularity = granularity
    self.symmetry = symmetry
    self.calibration = calibration
  }
}
