import GraphIR
import TensorCore

/// A layer's weight with codes by one of the rounding methods.
enum WeightRounding {
  /// - Parameter inputs: needed by all methods but nearest.
  /// - Throws: `CompressionError.indefiniteHessian`, `CancellationError`.
  static func quantized(
    _ weight: Weight, layer: TrackedLayer, scheme: CodeScheme, method: RoundingMethod,
    inputs: LayerInputStatistics?
  ) throws -> QuantizedTensor {
    let shape = layer.layer.shape
    let axis = layer.layer.outputAxis
    guard method != .nearest, let inputs, !inputs.gram.isEmpty else {
      return try weight.withFloats {
        try WeightQuantizer(scheme: scheme).quantize($0, shape: shape, outputAxis: axis)
      }
    }
    let matrix = WeightMatrix(weight, layer: layer.layer)
    let problem = RoundingProblem(
      weights: matrix.values, rows: matrix.rows, columns: matrix.columns, groups: inputs.groups,
      gram: inputs.gram, scheme: scheme, layer: layer.origin)
    let codes =
      switch method {
      case .nearest, .gptq: try GPTQ(isOrdered: false).codes(problem)
      case .gptqOrdered: try GPTQ(isOrdered: true).codes(problem)
      case .adaRound: try AdaRound().codes(problem)
      }
    return try codes.tensor(shape: shape, outputAxis: axis)
  }
}
