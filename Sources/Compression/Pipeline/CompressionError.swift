/// What can be wrong with a recipe, or with compressing a model.
package enum CompressionError: Error, Equatable, CustomStringConvertible {
  /// The recipe names a layer that the model does not have; `close` are its most similar ones.
  case unknownLayer(name: String, close: [String])
  /// A number outside what its setting takes.
  case outOfRange(key: String, found: String, allowed: String)
  case unknownKey(key: String, table: String, allowed: [String])
  case unknownValue(key: String, found: String, allowed: [String])
  case wrongType(key: String, found: String, expected: String)
  /// The recipe's text is not TOML.
  case malformedRecipe(line: Int, reason: String)
  /// A layer's settings on the command line are not NAME:key=value,...
  case malformedOverride(text: String)
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
    case .unknownLayer(let name, let close):
      "the model has no layer \"\(name)\""
        + (close.isEmpty ? "; `paretop inspect` lists its layers" : "; did you mean \(quoted(close))?")
    case .outOfRange(let key, let found, let allowed):
      "\(key) is \(found), but it must be \(allowed)"
    case .unknownKey(let key, let table, let allowed):
      "\(table) has no setting \"\(key)\"; the settings are \(allowed.joined(separator: ", "))"
    case .unknownValue(let key, let found, let allowed):
      "\(key) is \"\(found)\", but it must be one of \(quoted(allowed))"
    case .wrongType(let key, let found, let expected):
      "\(key) is a \(found), but it must be a \(expected)"
    case .malformedRecipe(let line, let reason):
      "line \(line) of the recipe is not valid TOML: \(reason)"
    case .malformedOverride(let text):
      "\"\(text)\" is not a layer's settings; write NAME:prune=0.3,bits=4,rank=0.5,activations=8"
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

  private func quoted(_ names: [String]) -> String {
    names.map { "\"\($0)\"" }.joined(separator: ", ")
  }
}
