import Recipes

extension SettingKeys {
  /// The share of the full rank that stays, 0.01...1; 1 leaves a layer whole.
  package var rank: TypedSetting<Double> {
    TypedSetting(
      "rank",
      "Share of the rank kept; a layer becomes two or three thin products where that saves weights.",
      standard: 1, range: 0.01...1,
      summary: SettingSummary { $0.rank < 1 ? "R" + SettingSummary.percent($0.rank) : nil })
  }
}
