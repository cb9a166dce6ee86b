import Recipes

extension SettingKeys {
  /// The share of the weights kept in a sparse layer beside the factors, 0...0.5.
  package var residual: TypedSetting<Double> {
    TypedSetting(
      "residual", "Share of the weights that are kept in a sparse layer beside the factors.", of: "rank",
      standard: 0, range: 0...0.5)
  }
}
