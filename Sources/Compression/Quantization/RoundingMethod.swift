/// How weights are rounded to codes.
package enum RoundingMethod: String, SettingChoice {
  case nearest
  case gptq
  /// GPTQ, the inputs with the most energy first.
  case gptqOrdered = "gptq-ordered"
  case adaRound = "adaround"

  package var note: MethodNote {
    switch self {
    case .nearest:
      MethodNote("Each weight takes the nearest code.", source: "Jacob et al. 2018, arXiv:1712.05877")
    case .gptq:
      MethodNote(
        "Rounds column by column; columns still free make up for the error in the layer's output.",
        needs: "calibration data", source: "Frantar et al. 2023, arXiv:2210.17323", isHeavy: true)
    case .gptqOrdered:
      MethodNote(
        "GPTQ that takes the inputs with the most energy first, with the scales of the weights as they were.",
        needs: "calibration data", source: "Frantar et al. 2023, arXiv:2210.17323 (act-order)", isHeavy: true)
    case .adaRound:
      MethodNote(
        "Learns for each weight whether up or down changes the output least, given the layers in front as rounded.",
        needs: "calibration data", source: "Nagel et al. 2020, arXiv:2004.10568", isHeavy: true)
    }
  }
}

/// What is done to weights across layers before they are rounded, so that they round better.
package enum ScalingMethod: String, SettingChoice {
  case none
  case equalize
  case smoothQuant = "smoothquant"
  case awq

  package var note: MethodNote {
    switch self {
    case .none: MethodNote("Weights are rounded as they are.")
    case .equalize:
      MethodNote(
        "Evens out the ranges of a layer's outputs and of the weights that read them.",
        needs: "layers behind each other with at most a Relu or pool between",
        source: "Nagel et al. 2019, arXiv:1906.04721")
    case .smoothQuant:
      MethodNote(
        "Moves outliers of activations into the weights, so that both quantize well.",
        needs: "calibration data", source: "Xiao et al. 2023, arXiv:2211.10438")
    case .awq:
      MethodNote(
        "Scales up the weights of large inputs and clips ranges, as far as changes the layer's output least.",
        needs: "calibration data", source: "Lin et al. 2024, arXiv:2306.00978", isHeavy: true)
    }
  }
}

/// Whether biases make up for the mean error of quantized weights.
package enum BiasTreatment: String, SettingChoice {
  case kept
  case corrected

  package var note: MethodNote {
    switch self {
    case .kept: MethodNote("Biases stay as they are.")
    case .corrected:
      MethodNote(
        "Takes the mean error of a layer's output out of its bias.", needs: "calibration data",
        source: "Nagel et al. 2019, arXiv:1906.04721")
    }
  }
}

/// What becomes of batch normalizations behind quantized layers.
package enum NormalizationTreatment: String, SettingChoice {
  case kept
  case folded

  package var note: MethodNote {
    switch self {
    case .kept: MethodNote("Batch normalizations stay nodes of their own.")
    case .folded:
      MethodNote(
        "Folds batch normalization into the weights before they are rounded.",
        source: "Jacob et al. 2018, arXiv:1712.05877")
    }
  }
}

/// What the first and the last layer keep, which bear rounding worst.
package enum EdgeTreatment: String, SettingChoice {
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
}

extension EdgeTreatment {
  /// What the settings become for the first and the last layer.
  func applied(to settings: LayerSettings) -> LayerSettings {
    var result = settings
    guard case .quantized(let bits) = settings.weights else { return result }
    switch self {
    case .same: break
    case .eightBits:
      if bits != .int8 { result.weights = .quantized(.int8) }
      if settings.activations == .int4 { result.activations = .int8 }
    case .float:
      result.weights = .float32
      result.activations = .float32
    }
    return result
  }
}
