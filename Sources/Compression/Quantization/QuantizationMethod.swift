/// How integer codes are chosen.
package struct QuantizationMethod: Hashable, Sendable {
  package var numbers: Numbers
  package var granularity: Granularity
  package var symmetry: Symmetry
  package var calibration: CalibrationMethod

  package enum Granularity: String, SettingChoice {
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

  package enum Symmetry: String, SettingChoice {
    case symmetric, asymmetric

    package var note: MethodNote {
      switch self {
      case .symmetric: MethodNote("Codes centre on zero.", source: "Wu et al. 2020, arXiv:2004.09602")
      case .asymmetric:
        MethodNote(
          "A zero point shifts the codes to fit a skewed range.",
          source: "Jacob et al. 2018, arXiv:1712.05877")
      }
    }
  }

  /// How the clipping range is found, for weights and for activations.
  package enum CalibrationMethod: String, SettingChoice {
    case minMax = "min-max"
    /// Clips to the 99.9th percentile of magnitudes.
    case percentile = "percentile-99.9"
    /// Clips where the distribution loses the least information.
    case entropy
    /// Clips where the squared error is least.
    case meanSquare = "mse"
    /// The mean of the batches' ranges, for activations; weights keep min-max.
    case movingAverage = "moving-average"

    /// For remarks.
    var shortLabel: String { self == .percentile ? "percentile" : label }

    package var note: MethodNote {
      switch self {
      case .minMax: MethodNote("The codes span all values seen.", source: "Wu et al. 2020, arXiv:2004.09602")
      case .percentile:
        MethodNote(
          "The codes span 99.9 % of the values; the rest are clipped.",
          source: "Wu et al. 2020, arXiv:2004.09602")
      case .entropy:
        MethodNote(
          "Clips where the histogram of values loses the least information.",
          source: "Migacz 2017, GTC S7310; Wu et al. 2020, arXiv:2004.09602")
      case .meanSquare:
        MethodNote(
          "Clips where the squared rounding error is least.", source: "Sung et al. 2015, arXiv:1511.06488")
      case .movingAverage:
        MethodNote(
          "Activations span the mean of the batches' ranges; weights span all values.",
          needs: "8- or 4-bit activations", source: "Jacob et al. 2018, arXiv:1712.05877")
      }
    }
  }

  /// What codes stand for.
  package enum Numbers: String, SettingChoice {
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

  package init(
    numbers: Numbers = .integer, granularity: Granularity = .perChannel, symmetry: Symmetry = .symmetric,
    calibration: CalibrationMethod = .minMax
  ) {
    self.numbers = numbers
    self.granularity = granularity
    self.symmetry = symmetry
    self.calibration = calibration
  }
}
