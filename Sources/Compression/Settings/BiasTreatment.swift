import Recipes

/// Whether biases make up for the mean error of quantized weights.
package enum BiasTreatment: String, SettingChoice {
  case kept
  case corrected

  package var note: MethodNote {
    switch self {
    case .kept: MethodNote("Biases stay as they are.")
    case .corrected:
      MethodNote(
        "Takes the mean error of a layer's output out of its bias.", needs: .calibrationData,
        source: "Nagel et al. 2019, arXiv:1906.04721")
    }
  }
}

extension SettingKeys {
  package var bias: TypedSetting<BiasTreatment> {
    TypedSetting(
      "bias", "Whether biases make up for the mean error of the rounded weights.", of: "weight-bits",
      standard: .kept)
  }
}
