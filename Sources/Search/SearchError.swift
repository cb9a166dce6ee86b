/// Why a sweep cannot be set up.
package enum SearchError: Error, Equatable, CustomStringConvertible {
  /// A range text that cannot be read.
  case range(text: String, expected: String)
  /// A value outside what the knob allows.
  case outOfBounds(knob: String, value: String, allowed: String)
  case tooMany(count: Int, limit: Int)

  package var description: String {
    switch self {
    case .range(let text, let expected): "\"\(text)\" is not a range; write \(expected)"
    case .outOfBounds(let knob, let value, let allowed): "\(knob) \(value) is not allowed; use \(allowed)"
    case .tooMany(let count, let limit):
      "the sweep has \(count) recipes, more than \(limit); use a larger step or fewer values"
    }
  }
}
