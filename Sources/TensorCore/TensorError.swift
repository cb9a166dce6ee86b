/// What can be wrong with a tensor.
package enum TensorError: Error, Equatable, CustomStringConvertible {
  case invalidShape([Int])
  case countMismatch(shape: Shape, expected: Int, found: Int)
  case dataTypeMismatch(expected: DataType, found: DataType)

  package var description: String {
    switch self {
    case .invalidShape(let dimensions):
      "the shape \(dimensions) is negative or too large to hold in memory"
    case .countMismatch(let shape, let expected, let found):
      "a tensor of shape \(shape) needs \(expected) elements, but \(found) were given"
    case .dataTypeMismatch(let expected, let found):
      "expected elements of type \(expected.rawValue), but found \(found.rawValue)"
    }
  }
}
