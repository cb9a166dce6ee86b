import Recipes

/// What the number of the rank setting counts.
package enum RankMeasure: String, SettingChoice {
  case ratio, energy, parameters

  package var note: MethodNote {
    switch self {
    case .ratio: MethodNote("The share of the full rank that is kept.")
    case .energy:
      MethodNote(
        "The share of the squared singular values that is kept.",
        source: "Zhang et al. 2016, arXiv:1505.06798")
    case .parameters: MethodNote("The share of the layer's weights that the factors may hold.")
    }
  }
}

extension SettingKeys {
  package var rankBy: TypedSetting<RankMeasure> {
    TypedSetting("rank-by", "What the number of the rank counts.", of: "rank", standard: .ratio)
  }
}
