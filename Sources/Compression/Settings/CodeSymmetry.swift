import Recipes

/// Where the codes of weights are centred.
package enum CodeSymmetry: String, SettingChoice {
  case symmetric, asymmetric

  package var note: MethodNote {
    switch self {
    case .symmetric: MethodNote("Codes centre on zero.", source: "Wu et al. 2020, arXiv:2004.09602")
    case .asymmetric:
      MethodNote(
        "A zero point shifts the codes to fit a skewed range.",
        source: "Jacob et al. 2018, arXiv:1712.05877")
    }
  }
}

extension SettingKeys {
  package var symmetry: TypedSetting<CodeSymmetry> {
    TypedSetting(
      "symmetry", "Whether codes centre on zero, or spend a zero point to fit a skewed range.",
      of: "weight-bits", standard: .symmetric)
  }
}
