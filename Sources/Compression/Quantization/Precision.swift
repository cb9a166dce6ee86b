import TensorCore

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

  package init?(label: String) {
    guard let match = WeightPrecision.allCases.first(where: { $0.label == label }) else { return nil }
    self = match
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
        needs: "calibration data, quantized weights", source: "Jacob et al. 2018, arXiv:1712.05877")
    case .int4:
      MethodNote(
        "Inputs of layers with quantized weights are 4-bit integers, in bytes: no faster than 8, for study.",
        needs: "calibration data, quantized weights", source: "Banner et al. 2019, arXiv:1810.05723")
    }
  }
}
