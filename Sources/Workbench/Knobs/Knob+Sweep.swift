import Compression

extension Knob {
  /// The recipes a sweep of this knob tries: its whole range in about ten steps, everything else as it is.
  package func sweep(of recipe: Recipe, in scope: Scope) -> [Recipe] {
    let settings = recipe.settings(in: scope)
    let variations: [LayerSettings] =
      switch self {
      case .prune:
        [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95].map { settings.with(\.prune, $0) }
      case .rank:
        [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05].map { settings.with(\.rank, $0) }
      case .weights: WeightPrecision.all.map { settings.with(\.weights, $0) }
      case .activations: ActivationPrecision.allCases.map { settings.with(\.activations, $0) }
      case .pruning: PruningMethod.allCases.map { settings.with(\.pruning, $0) }
      case .granularity:
        QuantizationMethod.Granularity.allCases.map { settings.with(\.quantization.granularity, $0) }
      case .symmetry: QuantizationMethod.Symmetry.allCases.map { settings.with(\.quantization.symmetry, $0) }
      case .calibration:
        QuantizationMethod.CalibrationMethod.allCases.map { settings.with(\.quantization.calibration, $0) }
      }
    return variations.map { recipe.replacing($0, in: scope) }
  }
}

extension LayerSettings {
  func with<Value>(_ path: WritableKeyPath<LayerSettings, Value>, _ value: Value) -> LayerSettings {
    var result = self
    result[keyPath: path] = value
    return result
  }
}
