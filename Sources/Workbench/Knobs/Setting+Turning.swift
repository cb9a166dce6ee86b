import Compression
import Recipes

extension Setting {
  /// The settings with this knob turned; unchanged at the end of its range.
  package func turned(_ turn: Turn, in settings: LayerSettings) -> LayerSettings {
    settings.with(self, value(after: turn, in: settings))
  }

  /// The setting's value as shown, such as "50 %" or "per-channel".
  package func label(of settings: LayerSettings) -> String {
    switch value(in: settings) {
    case .number(let ratio): "\(SettingSummary.percent(ratio)) %"
    case .word(let word): word
    }
  }

  /// Where a knob with a range stands in it, 0...1; nil for a choice.
  package func fraction(of settings: LayerSettings) -> Double? {
    guard case .number(let ratio) = value(in: settings) else { return nil }
    return ratio
  }

  /// Options in the order in which the knob turns: up keeps more of the model, as it does for rank, so towards more bits.
  var turningOptions: [SettingOption] {
    guard let options else { return [] }
    return self == .weightBits || self == .activationBits ? options.reversed() : options
  }

  private func value(after turn: Turn, in settings: LayerSettings) -> SettingValue {
    let value = value(in: settings)
    switch value {
    case .number(let ratio):
      let lowest = range.map { Int(($0.lowerBound * 100).rounded(.up)) } ?? 0
      let highest = range.map { Int(($0.upperBound * 100).rounded(.down)) } ?? 100
      return .number(Double(min(max(percent(ratio) + turn.points, lowest), highest)) / 100)
    case .word(let word):
      let labels = turningOptions.map(\.label)
      guard let index = labels.firstIndex(of: word) else { return value }
      return .word(labels[min(max(index + turn.direction, 0), labels.count - 1)])
    }
  }

  private func percent(_ ratio: Double) -> Int { Int((ratio * 100).rounded()) }
}

extension LayerSettings {
  /// The settings with one changed; unchanged where the value is not one of the setting's.
  func with(_ setting: Setting, _ value: SettingValue) -> LayerSettings {
    (try? self.setting(setting, to: value)) ?? self
  }

  /// The settings with one changed.
  /// - Throws: `CompressionError` where the value is not one of the setting's.
  package func setting(_ setting: Setting, to value: SettingValue) throws -> LayerSettings {
    var result = self
    try setting.set(value, in: &result)
    return result
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
  package func turning(_ knob: Setting, _ turn: Turn, in scope: Scope) -> Recipe {
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
