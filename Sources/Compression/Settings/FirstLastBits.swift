import Recipes

/// What the first and the last layer keep, which bear rounding worst.
package enum FirstLastBits: String, SettingChoice {
  case same
  case eightBits = "8"
  case float = "32"

  package var note: MethodNote {
    switch self {
    case .same: MethodNote("The first and last layer are quantized as the others.")
    case .eightBits:
      MethodNote(
        "The first and last layer keep at least 8 bits.", source: "Choi et al. 2018, arXiv:1805.06085")
    case .float:
      MethodNote(
        "The first and last layer keep their floats.", source: "Rastegari et al. 2016, arXiv:1603.05279")
    }
  }

  /// What the settings become for the first and the last layer.
  func applied(to settings: LayerSettings) -> LayerSettings {
    var result = settings
    guard case .quantized(let bits) = settings.weightBits else { return result }
    switch self {
    case .same: break
    case .eightBits:
      if bits != .int8 { result.weightBits = .quantized(.int8) }
      if settings.activationBits == .int4 { result.activationBits = .int8 }
    case .float:
      result.weightBits = .float32
      result.activationBits = .float32
    }
    return result
  }
}

extension SettingKeys {
  package var firstLastBits: TypedSetting<FirstLastBits> {
    TypedSetting(
      "first-last-bits", "Whether the first and the last layer keep more bits than the others.",
      of: "weight-bits", standard: .same, formerKeys: ["edges"])
  }
}
