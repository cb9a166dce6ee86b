/// How a layer is taken apart into smaller ones.
package enum FactorizationMethod: String, SettingChoice {
  case svd
  case activationSVD = "activation-svd"
  case spatial
  case tucker = "tucker-2"

  package var note: MethodNote {
    switch self {
    case .svd:
      MethodNote(
        "Two thin products by singular values; a convolution becomes one of fewer filters and a 1x1.",
        source:
          "Eckart, Young 1936, doi:10.1007/BF02288367; Zhang et al. 2016, doi:10.1109/TPAMI.2015.2502579")
    case .activationSVD:
      MethodNote(
        "As svd, but the error is weighed by what the layer reads.", needs: "calibration data",
        source: "Wang et al. 2024, arXiv:2403.07378", isHeavy: true)
    case .spatial:
      MethodNote(
        "A convolution becomes a column and a row, one after the other; other layers go by svd.",
        source: "Jaderberg et al. 2014, arXiv:1405.3866")
    case .tucker:
      MethodNote(
        "A convolution becomes 1x1, a smaller core and 1x1; other layers go by svd.",
        source: "Kim et al. 2016, arXiv:1511.06530", isHeavy: true)
    }
  }
}

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
