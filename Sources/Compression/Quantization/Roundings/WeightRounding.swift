import GraphIR
import TensorCore

/// A layer's weight with codes by one of the rounding methods.
enum WeightRounding {
  /// - Parameters:
  ///   - clips: whether nearest rounding first looks for the best clipping range.
  ///   - inputs: needed by all methods but plain nearest rounding.
  ///   - reconstruction: what a method looks at instead that looks at the layers in front.
  /// - Throws: `CompressionError.indefiniteHessian`, `CancellationError`.
  static func quantized(
    _ weight: Weight, layer: TrackedLayer, scheme: CodeScheme, method: RoundingMethod,
    clips: Bool, inputs: LayerInputStatistics?, reconstruction: Reconstruction? = nil
  ) throws -> QuantizedTensor {
    let shape = layer.layer.shape
    let axis = layer.layer.outputAxis
    guard method.codes != nil || clips, let inputs, !inputs.gram.isEmpty else {
      return try weight.withFloats {
        try WeightQuantizer(scheme: scheme).quantize($0, shape: shape, outputAxis: axis)
      }
    }
    let matrix = WeightMatrix(weight, layer: layer.layer)
    let problem = RoundingProblem(
      weights: matrix.values, rows: matrix.rows, columns: matrix.columns, groups: inputs.groups,
      gram: inputs.gram, scheme: scheme, layer: layer.origin)
    let codes =
      try method.codes?(reconstruction.map(problem.behind) ?? problem) ?? ClipSearch().codes(problem)
    return try codes.tensor(shape: shape, outputAxis: axis)
  }
}
