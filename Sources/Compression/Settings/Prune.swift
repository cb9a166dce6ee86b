import Recipes

extension SettingKeys {
  /// The share that goes, 0...0.99.
  package var prune: TypedSetting<Double> {
    TypedSetting(
      "prune",
      "Share of weights set to zero, or of neurons and filters removed, the least important first.",
      standard: 0, range: 0...0.99,
      summary: SettingSummary { settings in
        guard settings.prune > 0 else { return nil }
        return (settings.pattern.isStructured ? "S" : "P") + SettingSummary.percent(settings.prune)
      })
  }
}
