import Recipes

/// How exactly what flows between layers is kept.
package enum ActivationPrecision: String, SettingChoice {
  case float32 = "32"
  /// Unsigned 8-bit with scale and zero point per tensor, set on calibration data.
  case int8 = "8"
  /// The same with 4 bits.
  case int4 = "4"

  /// The highest of the codes, which start at 0; nil for floats.
  var highestCode: UInt8? {
    switch self {
    case .float32: nil
    case .int8: 255
    case .int4: 15
    }
  }

  package var note: MethodNote {
    switch self {
    case .float32: MethodNote("Activations stay 32-bit floats.")
    case .int8:
      MethodNote(
        "Inputs of layers with quantized weights are 8-bit integers: they run integer dot products.",
        needs: .calibrationData, .condition("quantized weights"),
        source: "Jacob et al. 2018, arXiv:1712.05877")
    case .int4:
      MethodNote(
        "Inputs of layers with quantized weights are 4-bit integers, in bytes: no faster than 8, for study.",
        needs: .calibrationData, .condition("quantized weights"),
        source: "Banner et al. 2019, arXiv:1810.05723")
    }
  }
}

extension SettingKeys {
  package var activationBits: TypedSetting<ActivationPrecision> {
    TypedSetting(
      "activation-bits",
      "Bits of what flows between layers; 8 lets quantized layers run integer dot products.",
      standard: .float32, formerKeys: ["activations"],
      summary: SettingSummary(isAttached: true) { settings in
        settings.activationBits == .float32 ? nil : "A\(settings.activationBits.label)"
      })
  }
}
