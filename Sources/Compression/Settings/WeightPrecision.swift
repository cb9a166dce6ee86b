import Recipes
import TensorCore

/// How exactly a weight is stored.
package enum WeightPrecision: Hashable, Sendable {
  case float32
  case float16
  case quantized(WeightBits)
}

extension WeightPrecision: SettingChoice {
  /// From widest to narrowest, as the knob turns.
  package static let allCases: [WeightPrecision] =
    [.float32, .float16] + WeightBits.allCases.map { .quantized($0) }

  /// "32", "16", "8", ..., "1.58", "1".
  package var label: String {
    switch self {
    case .float32: "32"
    case .float16: "16"
    case .quantized(let bits): bits.rawValue
    }
  }

  package var note: MethodNote {
    switch self {
    case .float32: MethodNote("Weights stay 32-bit floats.")
    case .float16: MethodNote("Weights are 16-bit floats.", source: "IEEE 754-2008 binary16")
    case .quantized(.ternary):
      MethodNote("Weights are -1, 0 or +1 times a scale.", source: "Li et al. 2016, arXiv:1605.04711")
    case .quantized(.binary):
      MethodNote("Weights are -1 or +1 times a scale.", source: "Rastegari et al. 2016, arXiv:1603.05279")
    case .quantized(let bits):
      MethodNote(
        "Weights are \(bits.rawValue)-bit integers times a scale.",
        source: "Jacob et al. 2018, arXiv:1712.05877")
    }
  }
}

extension SettingKeys {
  package var weightBits: TypedSetting<WeightPrecision> {
    TypedSetting(
      "weight-bits",
      "Bits of a stored weight: 32 and 16 are floats, 8 to 2 integers, 1.58 ternary, 1 signs.",
      standard: .float32, formerKeys: ["weights", "bits"],
      summary: SettingSummary { settings in
        settings.weightBits == .float32 && settings.activationBits == .float32
          ? nil : "W\(settings.weightBits.label)"
      })
  }
}
