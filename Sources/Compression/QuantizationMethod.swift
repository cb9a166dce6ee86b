/// How integer codes are chosen.
package struct QuantizationMethod: Hashable, Sendable {
  package var granularity: Granularity
  package var symmetry: Symmetry
  package var calibration: CalibrationMethod

  package enum Granularity: String, SettingChoice {
    case perTensor = "per-tensor"
    case perChannel = "per-channel"

    package var note: MethodNote {
      switch self {
      case .perTensor: MethodNote("One scale for all weights of a layer.")
      case .perChannel:
        MethodNote("One scale for each output channel.", source: "Krishnamoorthi 2018, arXiv:1806.08342")
      }
    }
  }

  package enum Symmetry: String, SettingChoice {
    case symmetric, asymmetric

    package var note: MethodNote {
      switch self {
      case .symmetric: MethodNote("Codes centre on zero.")
      case .asymmetric: MethodNote("A zero point shifts the codes to fit a skewed range.")
      }
    }
  }

  /// How the clipping range is found, for weights and for activations.
  package enum CalibrationMethod: String, SettingChoice {
    case minMax = "min-max"
    /// Clips to the 99.9th percentile of magnitudes.
    case percentile = "percentile-99.9"

    package var note: MethodNote {
      switch self {
      case .minMax: MethodNote("The codes span all values seen.")
      case .percentile:
        MethodNote(
          "The codes span 99.9 % of the values; the rest are clipped.",
          source: "Wu et al. 2020, arXiv:2004.09602")
      }
    }
  }

  package init(
    granularity: Granularity = .perChannel, symmetry: Symmetry = .symmetric,
    calibration: CalibrationMethod = .minMax
  ) {
    self.granularity = granularity
    self.symmetry = symmetry
    self.calibration = calibration
  }
}
