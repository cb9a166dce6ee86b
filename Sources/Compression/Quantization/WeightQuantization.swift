import GraphIR
import Kernels
import Recipes
import TensorCore

/// Stores weights as codes of few bits, or as 16-bit floats. Biases stay float32.
struct WeightQuantization: CompressionPass {
  let label = "weight quantization"

  func run(_ context: PassContext) throws -> PassResult {
    var result = emptyResult(context)
    let layers = context.layersByWeight.filter { layer in
      guard layer.settings.weightBits != .float32, let weight = context.weight(of: layer) else {
        return false
      }
      guard let stored = weight.form(under: layer.settings) else { return true }
      result.remark(layer, "its weights are \(stored) already: they stay as they are")
      return false
    }
    let inputs = try inputs(layers, context, &result)
    for (index, layer) in layers.enumerated() {
      try Task.checkCancellation()
      guard let weight = context.weight(of: layer) else { continue }
      for remark in WeightQuantization.remarks(layer, weight: weight) { result.remark(layer, remark) }
      let seen = inputs[layer.layer.name]
      let front = seen != nil && layer.settings.rounding.looksAtFront ? result : nil
      let state = layer.state.after(
        .stored(StoredForm(layer.settings, looksAtInputs: seen != nil, front: front, context)))
      let stored = try context.caches.weights.value(for: state) {
        if seen != nil { context.report(layer.settings.lookingMethod, layer, index, layers.count) }
        return try WeightQuantization.stored(
          weight, layer: layer, inputs: seen?(),
          reconstruction: front.flatMap {
            try context.reconstruction(of: layer, rounded: $0.builder.patch.weights)
          })
      }
      result.set(stored, named: layer.layer.weightName, state: state)
    }
    return result
  }

  /// How the inputs' statistics are got of each layer whose rounding looks at them.
  private func inputs(
    _ layers: [TrackedLayer], _ context: PassContext, _ result: inout PassResult
  ) throws -> [String: () throws -> LayerInputStatistics?] {
    let wanted = layers.filter { layer in
      guard let scheme = layer.settings.scheme else { return false }
      let rounding = layer.settings.rounding
      guard rounding.codes != nil || layer.settings.clips else { return false }
      let name = layer.settings.lookingMethod
      if context.activations == nil, rounding.needsInputs {
        result.remark(layer, "\(name) needs calibration data: rounded to the nearest")
      } else if !rounding.scope.takes(scheme) {
        result.remark(layer, "\(name) takes \(rounding.scope.text): rounded to the nearest")
      } else if !rounding.needsInputs && !layer.settings.clips || context.activations == nil {
        // The weights alone say how they are rounded, or scaling has said of itself that it needs data.
        return false
      } else if layer.layer.inputs > LayerInputStatistics.gramLimit {
        result.remark(
          layer,
          "\(name) takes up to \(LayerInputStatistics.gramLimit) inputs, this layer has \(layer.layer.inputs):"
            + " rounded to the nearest")
      } else {
        return context.unquantized.graph.initializers[layer.layer.input] == nil
      }
      return false
    }
    // Gathered for all layers in one run, and only where some layer is not kept yet.
    let gather = { try context.inputStatistics(for: wanted, needs: .gram) }
    return Dictionary(
      wanted.map { layer in (layer.layer.name, { try gather()[layer.layer.name] }) },
      uniquingKeysWith: { first, _ in first })
  }

  private static func stored(
    _ weight: Weight, layer: TrackedLayer, inputs: LayerInputStatistics?, reconstruction: Reconstruction?
  ) throws -> Weight {
    let settings = layer.settings
    switch settings.weightBits {
    case .float32: return weight
    case .float16:
      return .dense(
        settings.numberFormat == .wideFloat
          ? HalfPrecision.brain(weight.tensor) : HalfPrecision.converted(weight.tensor))
    case .quantized(let bits):
      return .quantized(
        try WeightRounding.quantized(
          weight, layer: layer, scheme: CodeScheme(bits: bits, settings: settings),
          method: settings.rounding, clips: settings.clips, inputs: inputs, reconstruction: reconstruction))
    }
  }

  /// Settings that change nothing at this precision.
  private static func remarks(_ layer: TrackedLayer, weight: Weight) -> [String] {
    let settings = layer.settings
    guard case .quantized(let bits) = settings.weightBits else {
      let clipped = weight.withFloats { values in
        let (low, high) = WeightCoding.extremes(values)
        return max(-low, high) > HalfPrecision.largest
      }
      return clipped && settings.numberFormat != .wideFloat
        ? ["weights beyond 65504 are clipped at 16 bits"] : []
    }
    var remarks: [String] = []
    if CodeScheme.lacks(settings.numberFormat, bits) {
      remarks.append(
        "\(settings.numberFormat.label) numbers do not come in \(bits.rawValue) bits: integers instead")
    }
    let scheme = CodeScheme(bits: bits, settings: settings)
    let name = bits == .ternary ? "ternary" : "1-bit"
    if bits == .ternary || bits == .binary {
      if settings.symmetry == .asymmetric {
        remarks.append("\(name) weights are symmetric: asymmetric has no effect here")
      }
      if settings.range.clips {
        remarks.append(
          "\(name) weights have no clipping range: \(settings.range.label) has no effect here")
      }
    } else if settings.symmetry == .asymmetric, !scheme.isAsymmetric {
      remarks.append("\(settings.numberFormat.label) numbers are symmetric: asymmetric has no effect here")
    } else if let remark = scheme.range.remark {
      let length =
        scheme.isPerTensor
        ? layer.layer.parameters : min(layer.layer.inputs, scheme.groupSize ?? layer.layer.inputs)
      if let text = remark(length, scheme) { remarks.append(text) }
    }
    if bits == .int2, scheme.format == .integer, !scheme.isAsymmetric {
      remarks.append("2-bit symmetric codes keep only weights above half the largest: asymmetric keeps more")
    }
    return remarks
  }
}

/// All that a stored weight depends on beyond the weight it is made from.
struct StoredForm: Hashable, Sendable {
  let precision: WeightPrecision
  let scheme: CodeScheme?
  let isBrain: Bool
  let rounding: RoundingMethod
  /// Of the Hessian, where the rounding looks at what the layer reads.
  let damping: Double?
  /// Everything done before to any layer, where the rounding looks at what the layer reads.
  let inputs: StatesDigest

  /// - Parameter front: what the layers in front became, where the rounding looks at that.
  init(_ settings: LayerSettings, looksAtInputs: Bool, front: PassResult?, _ context: PassContext) {
    precision = settings.weightBits
    scheme = settings.scheme
    isBrain = settings.weightBits == .float16 && settings.numberFormat == .wideFloat
    damping = looksAtInputs ? settings.damping : nil
    rounding = !settings.rounding.needsInputs || looksAtInputs ? settings.rounding : .nearest
    let inFront = front?.states.sorted { $0.key < $1.key }.map(\.value) ?? []
    inputs = StatesDigest((looksAtInputs ? context.unquantized.states : []) + inFront)
  }
}

extension LayerSettings {
  /// The codes that weights get; nil for floats of 16 bits and more.
  var scheme: CodeScheme? {
    guard case .quantized(let bits) = self.weightBits else { return nil }
    return CodeScheme(bits: bits, settings: self)
  }

  /// Whether nearest rounding looks for the best clipping range first.
  var clips: Bool {
    self.equalization.searchesClips && self.rounding.codes == nil && scheme.map(ClipSearch.takes) == true
  }

  /// The method that looks at what the layer reads before it rounds.
  fileprivate var lookingMethod: String {
    self.rounding.codes == nil ? self.equalization.label : self.rounding.label
  }
}
