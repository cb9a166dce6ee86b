import Recipes

/// What numbers of channels may stay.
package enum ChannelAlignment: String, SettingChoice {
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

extension SettingKeys {
  package var alignment: TypedSetting<ChannelAlignment> {
    TypedSetting(
      "alignment",
      "Numbers of channels that may stay: all, or multiples of what vector units run at full width.",
      of: "prune", standard: .one, formerKeys: ["multiple"])
  }
}
