/// The three knobs and their methods. `Setting` lists its properties by the names they go by in files and on screens.
package struct LayerSettings: Hashable, Sendable {
  /// Share of weights (or of channels, heads or branches) to remove, 0...0.99.
  package var prune: Double
  package var pruning: PruningMethod
  package var pattern: PruningPattern
  package var allocation: PruningAllocation
  package var multiple: ChannelMultiple
  package var compensation: ChannelCompensation
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
  package var factorization: FactorizationMethod
  package var rankBy: RankMeasure
  /// Share of the weights kept in a sparse layer beside the factors, 0...0.5.
  package var residual: Double

  package init(
    prune: Double = 0, pruning: PruningMethod = .magnitude, pattern: PruningPattern = .weights,
    allocation: PruningAllocation = .global, multiple: ChannelMultiple = .one,
    compensation: ChannelCompensation = .none, weights: WeightPrecision = .float32,
    activations: ActivationPrecision = .float32, numbers: QuantizationMethod.Numbers = .integer,
    granularity: QuantizationMethod.Granularity = .perChannel,
    symmetry: QuantizationMethod.Symmetry = .symmetric,
    calibration: QuantizationMethod.CalibrationMethod = .minMax, rounding: RoundingMethod = .nearest,
    scaling: ScalingMethod = .none, bias: BiasTreatment = .kept, norms: NormalizationTreatment = .kept,
    edges: EdgeTreatment = .same, rank: Double = 1, factorization: FactorizationMethod = .svd,
    rankBy: RankMeasure = .ratio, residual: Double = 0
  ) {
    self.prune = prune
    self.pruning = pruning
    self.pattern = pattern
    self.allocation = allocation
    self.multiple = multiple
    self.compensation = compensation
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
    self.factorization = factorization
    self.rankBy = rankBy
    self.residual = residual
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
