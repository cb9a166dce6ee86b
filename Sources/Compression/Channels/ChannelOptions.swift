/// What numbers of channels may stay.
package enum ChannelMultiple: String, SettingChoice {
  case one = "1"
  case eight = "8"
  case sixteen = "16"

  package var note: MethodNote {
    switch self {
    case .one: MethodNote("As many channels stay as the share says.")
    case .eight, .sixteen:
      MethodNote(
        "Channels stay in multiples of \(rawValue), which vector units run at full width.",
        source: "Radu et al. 2019, arXiv:2002.08697")
    }
  }

  var count: Int {
    switch self {
    case .one: 1
    case .eight: 8
    case .sixteen: 16
    }
  }
}

/// What makes up for what is removed.
package enum ChannelCompensation: String, SettingChoice {
  case none, mean, norms

  package var note: MethodNote {
    switch self {
    case .none: MethodNote("What is removed leaves nothing behind.")
    case .mean:
      MethodNote(
        "What removed channels gave on average goes into the biases of the layers behind.",
        needs: "calibration data", source: "An et al. 2023, arXiv:2312.11983")
    case .norms:
      MethodNote(
        "Batch normalizations take the mean and variance of what they read after pruning and low rank.",
        needs: "calibration data", source: "Li et al. 2020, arXiv:2007.02491", isHeavy: true)
    }
  }
}
