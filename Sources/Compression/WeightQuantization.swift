import GraphIR
import TensorCore

/// Stores weights as codes of few bits, or as float16. Biases stay float32.
struct WeightQuantization: CompressionPass {
  let label = "weight quantization"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult()
    for layer in context.layersByWeight where layer.settings.weights != .float32 {
      try checkCancellation()
      guard let weight = context.weight(of: layer) else { continue }
      for remark in WeightQuantization.remarks(layer, weight: weight) { result.remark(layer, remark) }
      let state = layer.state.after(.stored(layer.settings.weights, layer.settings.effectiveMethod))
      let stored = try context.caches.weights.value(for: state) {
        try WeightQuantization.stored(weight, layer: layer.layer, settings: layer.settings)
      }
      result.set(stored, named: layer.layer.weightName, state: state)
    }
    return result
  }

  private static func stored(_ weight: Weight, layer: Layer, settings: LayerSettings) throws -> Weight {
    switch settings.weights {
    case .float32: return weight
    case .float16:
      if weight.dataType == .float16 { return weight }
      return .dense(HalfPrecision.converted(weight.tensor))
    case .quantized(let bits):
      let quantizer = WeightQuantizer(bits: bits, method: settings.effectiveMethod)
      return .quantized(
        try weight.withFloats {
          try quantizer.quantize($0, shape: layer.shape, outputAxis: layer.outputAxis)
        })
    }
  }

  /// Settings that change nothing at this precision.
  private static func remarks(_ layer: TrackedLayer, weight: Weight) -> [String] {
    let method = layer.settings.quantization
    guard case .quantized(let bits) = layer.settings.weights else {
      let clipped = weight.withFloats { values in
        let (low, high) = MagnitudeStatistics.extremes(values)
        return max(-low, high) > HalfPrecision.largest
      }
      return clipped ? ["weights beyond 65504 are clipped at 16 bits"] : []
    }
    var remarks: [String] = []
    let name = bits == .ternary ? "ternary" : "1-bit"
    if bits == .ternary || bits == .binary {
      if method.symmetry == .asymmetric {
        remarks.append("\(name) weights are symmetric: asymmetric has no effect here")
      }
      if method.calibration == .percentile {
        remarks.append("\(name) weights have no clipping range: percentile has no effect here")
      }
    } else if method.calibration == .percentile {
      let length = method.granularity == .perChannel ? layer.layer.inputs : layer.layer.parameters
      if length < 1000 {
        remarks.append("the 99.9th percentile of \(length) weights is their maximum: nothing is clipped")
      }
    }
    if bits == .int2, method.symmetry == .symmetric {
      remarks.append("2-bit symmetric codes keep only weights above half the largest: asymmetric keeps more")
    }
    return remarks
  }
}

extension LayerSettings {
  /// The quantization method with the parts that do not matter at this precision set to their defaults, so that
  /// equal results have equal keys.
  var effectiveMethod: QuantizationMethod {
    guard case .quantized(let bits) = weights else { return QuantizationMethod() }
    guard bits == .ternary || bits == .binary else { return quantization }
    return QuantizationMethod(granularity: granularity)
  }
}
