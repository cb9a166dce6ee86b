import Recipes

/// What codes of weights stand for.
package enum WeightNumberFormat: String, SettingChoice {
  case integer
  case float
  case wideFloat = "wide-float"
  case microscaling = "mx"
  case microscalingInteger = "mx-integer"
  case normalFloat = "normal-float"

  package var note: MethodNote {
    switch self {
    case .integer:
      MethodNote(
        "Codes are integers; 16 bits are IEEE half precision.",
        source: "Jacob et al. 2018, arXiv:1712.05877")
    case .float:
      MethodNote(
        "Codes are floats with more precision than range: E4M3 at 8 bits, E2M3 at 6, E2M1 at 4.",
        source: "Micikevicius et al. 2022, arXiv:2209.05433")
    case .wideFloat:
      MethodNote(
        "Codes are floats with more range than precision: bfloat16 at 16 bits, E5M2 at 8, E3M2 at 6.",
        source: "Micikevicius et al. 2022, arXiv:2209.05433")
    case .microscaling:
      MethodNote(
        "MXFP8, MXFP6 or MXFP4: floats that share a power of two as scale, 32 at a time.",
        source: "OCP Microscaling Formats specification 1.0")
    case .microscalingInteger:
      MethodNote(
        "MXINT8: 8-bit integers that share a power of two as scale, 32 at a time.",
        source: "OCP Microscaling Formats specification 1.0")
    case .normalFloat:
      MethodNote(
        "NF4: the 16 quantiles of a normal distribution; best with groups.",
        source: "Dettmers et al. 2023, arXiv:2305.14314")
    }
  }
}

extension SettingKeys {
  package var numberFormat: TypedSetting<WeightNumberFormat> {
    TypedSetting(
      "number-format", "What the codes of a weight are: integers, or floats of so few bits.",
      of: "weight-bits", standard: .integer, formerKeys: ["numbers"])
  }
}
