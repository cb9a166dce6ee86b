import Recipes

/// What becomes of batch normalizations behind quantized layers.
package enum BatchNormTreatment: String, SettingChoice {
  case kept
  case folded

  package var note: MethodNote {
    switch self {
    case .kept: MethodNote("Batch normalizations stay nodes of their own.")
    case .folded:
      MethodNote(
        "Folds batch normalization into the weights before they are rounded.",
        source: "Jacob et al. 2018, arXiv:1712.05877")
    }
  }
}

extension SettingKeys {
  package var batchNorm: TypedSetting<BatchNormTreatment> {
    TypedSetting(
      "batch-norm", "Whether batch normalizations become part of the weights before they are rounded.",
      of: "weight-bits", standard: .kept, formerKeys: ["norms"])
  }
}
