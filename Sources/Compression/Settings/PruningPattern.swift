import Recipes

/// What is removed together.
package enum PruningPattern: String, SettingChoice {
  case weights
  case two4 = "2:4"
  case one4 = "1:4"
  case four8 = "4:8"
  case block1x8 = "1x8"
  case block4x4 = "4x4"
  case channels, heads, layers

  package var note: MethodNote {
    switch self {
    case .weights: MethodNote("Single weights become zero, wherever they stand.")
    case .two4, .one4, .four8:
      MethodNote(
        "Of each \(nofm?.of ?? 0) weights along an output's inputs, \(nofm?.kept ?? 0) may stay.",
        source: "Mishra et al. 2021, arXiv:2104.08378")
    case .block1x8:
      MethodNote(
        "Weights of 8 neighbouring outputs at one input go together.",
        source: "Narang et al. 2017, arXiv:1711.02782")
    case .block4x4:
      MethodNote(
        "Weights of 4 neighbouring outputs at 4 neighbouring inputs go together.",
        source: "Narang et al. 2017, arXiv:1711.02782")
    case .channels:
      MethodNote(
        "Whole neurons and filters go, with all that reads them: the tensors shrink.",
        source: "Li et al. 2017, arXiv:1608.08710")
    case .heads:
      MethodNote("Whole attention heads go.", source: "Michel et al. 2019, arXiv:1905.10650")
    case .layers:
      MethodNote(
        "Whole branches beside a residual go, those that change least of what flows past them.",
        source: "Men et al. 2024, arXiv:2403.03853")
    }
  }

  /// Whether tensors shrink, instead of weights becoming zero.
  package var isStructured: Bool {
    switch self {
    case .weights, .two4, .one4, .four8, .block1x8, .block4x4: false
    case .channels, .heads, .layers: true
    }
  }

  /// At most `kept` of each `of` consecutive weights along an output's inputs.
  package var nofm: (kept: Int, of: Int)? {
    switch self {
    case .two4: (2, 4)
    case .one4: (1, 4)
    case .four8: (4, 8)
    case .weights, .block1x8, .block4x4, .channels, .heads, .layers: nil
    }
  }

  /// Outputs and inputs of the tile that goes together.
  package var block: (outputs: Int, inputs: Int) {
    switch self {
    case .block1x8: (8, 1)
    case .block4x4: (4, 4)
    case .weights, .two4, .one4, .four8, .channels, .heads, .layers: (1, 1)
    }
  }
}

extension SettingKeys {
  package var pattern: TypedSetting<PruningPattern> {
    TypedSetting(
      "pattern", "What goes together: single weights, N of M, blocks, or whole channels, heads and branches.",
      of: "prune", standard: .weights)
  }
}
