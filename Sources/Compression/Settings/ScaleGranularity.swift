import Recipes

/// How many weights share a scale.
package enum ScaleGranularity: String, SettingChoice {
  case perTensor = "per-tensor"
  case perChannel = "per-channel"
  case group128 = "group-128"
  case group64 = "group-64"
  case group32 = "group-32"

  /// Weights of one output that share a scale; nil where it is not a matter of groups.
  package var groupSize: Int? {
    switch self {
    case .perTensor, .perChannel: nil
    case .group128: 128
    case .group64: 64
    case .group32: 32
    }
  }

  package var note: MethodNote {
    switch self {
    case .perTensor:
      MethodNote("One scale for all weights of a layer.", source: "Krishnamoorthi 2018, arXiv:1806.08342")
    case .perChannel:
      MethodNote("One scale for each output channel.", source: "Krishnamoorthi 2018, arXiv:1806.08342")
    case .group128, .group64, .group32:
      MethodNote(
        "One scale for each \(groupSize ?? 0) weights of an output: finer, and 4 bytes more for each.",
        source: "Shen et al. 2020, arXiv:1909.05840")
    }
  }
}

extension SettingKeys {
  package var granularity: TypedSetting<ScaleGranularity> {
    TypedSetting(
      "granularity", "How many weights share a scale; fewer are more accurate and a little larger.",
      of: "weight-bits", standard: .perChannel)
  }
}
