/// What can go wrong while a model is compressed.
package enum CompressionError: Error, Equatable, CustomStringConvertible {
  /// A weight is NaN or infinite, so that no method can choose codes, ranks or thresholds.
  case nonFiniteWeight(layer: String, weight: String)
  /// A value on calibration data is NaN or infinite.
  case nonFiniteActivation(value: String)
  /// The calibration run did not report a value that was asked for.
  case unobservedActivation(value: String)
  /// LAPACK's routine gave up; `info` is its code.
  case decompositionFailed(layer: String, info: Int)
  case matrixTooLarge(layer: String, rows: Int, columns: Int)
  /// What a layer reads on calibration data gives no positive definite matrix, whatever is added to its diagonal.
  case indefiniteHessian(layer: String)

  package var description: String {
    switch self {
    case .nonFiniteWeight(let layer, let weight):
      "layer \(layer) cannot be compressed: its weight \"\(weight)\" holds NaN or infinite values;"
        + " train or export the model again"
    case .nonFiniteActivation(let value):
      "\"\(value)\" is NaN or infinite on the calibration data, so it has no 8-bit range;"
        + " check the data's preprocessing, or keep activations at 32 bits"
    case .unobservedActivation(let value):
      "the calibration run gave no values for \"\(value)\"; give calibration data, or keep activations at 32 bits"
    case .decompositionFailed(let layer, let info):
      "the singular value decomposition of layer \(layer) failed (sgesdd info \(info)); keep its rank at 1"
    case .matrixTooLarge(let layer, let rows, let columns):
      "layer \(layer) is \(rows)x\(columns), too large to factorize; keep its rank at 1"
    case .indefiniteHessian(let layer):
      "what layer \(layer) reads on the calibration data cannot be inverted; give other calibration data,"
        + " or choose a method that needs none"
    }
  }
}
