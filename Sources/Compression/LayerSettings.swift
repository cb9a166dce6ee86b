/// The three knobs and their methods. `Setting` lists its properties by the names they go by in files and on screens.
package struct LayerSettings: Hashable, Sendable {
  /// Share of weights (or of neurons and filters) to remove, 0...0.99.
  package var prune: Double
  package var pruning: PruningMethod
  package var weights: WeightPrecision
  package var activations: ActivationPrecision
  package var numbers: QuantizationMethod.Numbers
  package var granularity: QuantizationMethod.Granularity
  package var symmetry: QuantizationMethod.Symmetry
  package var calibration: QuantizationMethod.CalibrationMethod
  package var rounding: RoundingMethod
  package var scaling: ScalingMethod
  package var bias: BiasTreatment
  package var norms: NormalizationTreatment
  package var edges: EdgeTreatment
  /// Share of the full rank to keep, 0.01...1; 1 leaves the layer unfactorized.
  package var rank: Double

  package init(
    prune: Double = 0, pruning: PruningMethod = .magnitudeGlobal, weights: WeightPrecision = .float32,
    activations: ActivationPrecision = .float32, numbers: QuantizationMethod.Numbers = .integer,
    granularity: QuantizationMethod.Granularity = .perChannel,
    symmetry: QuantizationMethod.Symmetry = .symmetric,
    calibration: QuantizationMethod.CalibrationMethod = .minMax, rounding: RoundingMethod = .nearest,
    scaling: ScalingMethod = .none, bias: BiasTreatment = .kept, norms: NormalizationTreatment = .kept,
    edges: EdgeTreatment = .same, rank: Double = 1
  ) {
    self.prune = prune
    self.pruning = pruning
    self.weights = weights
    self.activations = activations
    self.numbers = numbers
    self.granularity = granularity
    self.symmetry = symmetry
    self.calibration = calibration
    self.rounding = rounding
    self.scaling = scaling
    self.bias = bias
    self.norms = norms
    self.edges = edges
    self.rank = rank
  }

  /// How integer codes are chosen.
  package var quantization: QuantizationMethod {
    QuantizationMethod(
      numbers: numbers, granularity: granularity, symmetry: symmetry, calibration: calibration)
  }

  /// Nothing is asked for, whatever the methods say.
  package var isIdentity: Bool { prune == 0 && weights == .float32 && activations == .float32 && rank == 1 }
}

/// By the settings' names; what is missing has its default.
extension LayerSettings: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: SettingKey.self)
    // Sessions once kept the quantization method in an object of its own.
    let nested = try? container.nestedContainer(keyedBy: SettingKey.self, forKey: SettingKey("quantization"))
    self.init()
    for setting in Setting.allCases {
      let key = SettingKey(setting)
      guard
        let value = try container.decodeIfPresent(SettingValue.self, forKey: key)
          ?? nested?.decodeIfPresent(SettingValue.self, forKey: key)
      else { continue }
      guard setting.access.write(value, &self) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container, debugDescription: "\(value.word) is no value of \(setting.rawValue)")
      }
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: SettingKey.self)
    for setting in Setting.allCases {
      try container.encode(setting.value(in: self), forKey: SettingKey(setting))
    }
  }
}
