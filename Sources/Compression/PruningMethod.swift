package enum PruningMethod: String, SettingChoice {
  /// One magnitude threshold over all layers that prune this way.
  case magnitudeGlobal = "magnitude-global"
  /// A magnitude threshold for each layer.
  case magnitudePerLayer = "magnitude-per-layer"
  /// Whole neurons or filters with the smallest L2 norm, removed so that the tensors shrink.
  case structured = "structured-l2"

  package var note: MethodNote {
    switch self {
    case .magnitudeGlobal:
      MethodNote(
        "Zeroes the smallest weights of the whole model: one threshold for all layers.",
        source: "Han et al. 2015, arXiv:1506.02626")
    case .magnitudePerLayer:
      MethodNote(
        "Zeroes the smallest weights of each layer, the same share everywhere.",
        source: "Han et al. 2015, arXiv:1506.02626")
    case .structured:
      MethodNote(
        "Removes whole neurons and filters of the smallest L2 norm, so that tensors shrink.",
        source: "Li et al. 2017, arXiv:1608.08710")
    }
  }
}
