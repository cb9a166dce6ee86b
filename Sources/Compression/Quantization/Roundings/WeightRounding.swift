import GraphIR
import TensorCore

/// A layer's weight with codes by one of the rounding methods.
enum WeightRounding {
  /// - Parameters:
  ///   - clips: whether nearest rounding first looks for the best clipping range.
  ///   - inputs: without which methods that look at them, and the search for a range, give way to nearest rounding.
  ///   - reconstruction: what a method looks at instead that looks at the layers in front.
  /// - Throws: `CompressionError.indefiniteHessian`, `CancellationError`.
  static func quantized(
    _ weight: Weight, layer: TrackedLayer, scheme: CodeScheme, method: RoundingMethod,
    clips: Bool, inputs: LayerInputStatistics?, reconstruction: Reconstruction? = nil
  ) throws -> QuantizedTensor {
    let shape = layer.layer.shape
    let axis = layer.layer.outputAxis
    if case .weights(let codes) = method.codes, method.scope.takes(scheme) {
      return try codes(WeightMatrix(weight, layer: layer.layer), scheme, layer.layer).tensor(
        shape: shape, outputAxis: axis)
    }
    guard method.needsInputs || clips, let inputs, !inputs.gram.isEmpty else {
      return try weight.withFloats {
        try WeightQuantizer(scheme: scheme).quantize($0, shape: shape, outputAxis: axis)
      }
    }
    let matrix = WeightMatrix(weight, layer: layer.layer)
    let problem = RoundingProblem(
      weights: matrix.values, rows: matrix.rows, columns: matrix.columns, groups: inputs.groups,
      gram: inputs.gram, scheme: scheme, damping: layer.settings.damping, layer: layer.origin)
    guard case .inputs(let codes) = method.codes else {
      return try ClipSearch().codes(problem).tensor(shape: shape, outputAxis: axis)
    }
    return try codes(reconstruction.map(problem.behind) ?? problem).tensor(shape: shape, outputAxis: axis)
  }
}
