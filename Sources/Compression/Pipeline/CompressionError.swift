/// What can go wrong while a model is compressed.
package enum CompressionError: Error, Equatable, CustomStringConvertible {
  /// A weight is NaN or infinite, so that no method can choose codes, ranks or thresholds.
  case nonFiniteWeight(layer: String, weight: String)
  /// A value on calibration data is NaN or infinite; with where that comes from, where it was found.
  case nonFiniteActivation(value: String, origin: NonFiniteOrigin?)
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
    case .nonFiniteActivation(let value, nil):
      "\"\(value)\" is NaN or infinite on the calibration data; check the data's preprocessing, or choose methods"
        + " that need no calibration data"
    case .nonFiniteActivation(let value, let origin?):
      "\"\(value)\" is not finite on the calibration data: in sample \(origin.sample), "
        + (origin.maker.map { "node \($0) makes \"\(origin.value)\"" } ?? "the input \"\(origin.value)\" is")
        + (origin.isNaN ? " NaN" : " infinite")
        + "; leave that sample out or mend it, or choose methods that need no calibration data"
    case .unobservedActivation(let value):
      "the calibration run gave no values for \"\(value)\"; give calibration data that reach it, or choose methods"
        + " that need none"
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
