import Recipes

extension SettingKeys {
  /// What is added to the diagonal of what a layer's inputs give multiplied with themselves, as a share of its mean, 0...1.
  package var damping: TypedSetting<Double> {
    TypedSetting(
      "damping",
      "What roundings that look at a layer's inputs add to its Hessian's diagonal, as a share of the mean.",
      of: "weight-bits", standard: LayerHessian.damping, range: 0...1)
  }
}
