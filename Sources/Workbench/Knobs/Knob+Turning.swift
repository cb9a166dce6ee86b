import Compression

extension Knob {
  /// The settings with this knob turned; unchanged at the end of its range.
  package func turned(_ turn: Turn, in settings: LayerSettings) -> LayerSettings {
    var result = settings
    switch self {
    case .prune:
      result.prune = Double(min(max(percent(settings.prune) + turn.points, 0), 99)) / 100
    case .rank:
      result.rank = Double(min(max(percent(settings.rank) + turn.points, 1), 100)) / 100
    case .weights:
      // Turning up keeps more of the model, as it does for rank: more bits.
      result.weights = step(settings.weights, in: WeightPrecision.all.reversed(), by: turn.direction)
    case .activations:
      result.activations = step(settings.activations, in: [.int8, .float32], by: turn.direction)
    case .pruning:
      result.pruning = step(settings.pruning, in: PruningMethod.allCases, by: turn.direction)
    case .granularity:
      result.quantization.granularity = step(
        settings.quantization.granularity, in: QuantizationMethod.Granularity.allCases, by: turn.direction)
    case .symmetry:
      result.quantization.symmetry = step(
        settings.quantization.symmetry, in: QuantizationMethod.Symmetry.allCases, by: turn.direction)
    case .calibration:
      result.quantization.calibration = step(
        settings.quantization.calibration, in: QuantizationMethod.CalibrationMethod.allCases,
        by: turn.direction)
    }
    return result
  }

  /// The knob's value as shown, such as "50 %" or "per-channel".
  package func label(of settings: LayerSettings) -> String {
    switch self {
    case .prune: "\(percent(settings.prune)) %"
    case .rank: "\(percent(settings.rank)) %"
    case .weights: settings.weights.label
    case .activations: settings.activations.rawValue
    case .pruning: settings.pruning.rawValue
    case .granularity: settings.quantization.granularity.rawValue
    case .symmetry: settings.quantization.symmetry.rawValue
    case .calibration: settings.quantization.calibration.rawValue
    }
  }

  /// Where a knob with a range stands in it, 0...1; nil for a choice.
  package func fraction(of settings: LayerSettings) -> Double? {
    switch self {
    case .prune: settings.prune
    case .rank: settings.rank
    case .weights, .activations, .pruning, .granularity, .symmetry, .calibration: nil
    }
  }

  private func percent(_ ratio: Double) -> Int { Int((ratio * 100).rounded()) }

  private func step<Value: Equatable>(_ value: Value, in values: [Value], by direction: Int) -> Value {
    guard let index = values.firstIndex(of: value) else { return value }
    return values[min(max(index + direction, 0), values.count - 1)]
  }
}

extension Recipe {
  /// The settings a scope sees.
  package func settings(in scope: Scope) -> LayerSettings {
    switch scope {
    case .model: model
    case .layer(let name): settings(for: name)
    }
  }

  /// The recipe with one knob turned in a scope. A layer's override that equals the model's setting is dropped.
  package func turning(_ knob: Knob, _ turn: Turn, in scope: Scope) -> Recipe {
    replacing(knob.turned(turn, in: settings(in: scope)), in: scope)
  }

  /// The recipe in which a scope has these settings.
  package func replacing(_ settings: LayerSettings, in scope: Scope) -> Recipe {
    var result = self
    switch scope {
    case .model:
      result.model = settings
    case .layer(let name):
      result.layers[name] = LayerOverride(settings, over: model)
    }
    return result.normalized
  }

  /// Without overrides that say what the model says anyway.
  private var normalized: Recipe {
    var result = self
    result.layers = layers.keys.reduce(into: [:]) { kept, name in
      let override = LayerOverride(settings(for: name), over: model)
      if !override.isEmpty { kept[name] = override }
    }
    return result
  }
}

extension LayerOverride {
  /// What `settings` says differently from `base`.
  init(_ settings: LayerSettings, over base: LayerSettings) {
    self.init()
    if settings.prune != base.prune { prune = settings.prune }
    if settings.pruning != base.pruning { pruning = settings.pruning }
    if settings.weights != base.weights { weights = settings.weights }
    if settings.activations != base.activations { activations = settings.activations }
    if settings.quantization != base.quantization { quantization = settings.quantization }
    if settings.rank != base.rank { rank = settings.rank }
  }
}
