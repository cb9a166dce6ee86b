import Evaluation

extension Figure.Unit {
  /// What a quantity of this unit can be, in the unit that `format` takes: an axis around one value goes no further.
  package var limits: ClosedRange<Double> {
    switch self {
    case .bytes, .nanoseconds, .joules, .count, .factor: 0...Double.infinity
    case .fraction: 0...1
    case .points: -1...1
    case .number: -Double.infinity...Double.infinity
    }
  }
}
