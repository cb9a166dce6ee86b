import Evaluation
import TensorCore
import TerminalUI

/// How figures are written for people.
extension Figure.Unit {
  package var format: NumberFormat {
    switch self {
    case .bytes: .bytes
    case .nanoseconds: .seconds
    case .joules: .joules
    case .count: .count
    case .fraction, .points: .percent
    case .factor: .ratio
    case .number: .plain
    }
  }

  /// A value in the unit that `format` takes.
  package func plotted(_ value: Double) -> Double { self == .nanoseconds ? value * 1e-9 : value }

  package func text(_ value: Double) -> String {
    self == .points ? format.change(value) : format.text(plotted(value))
  }

  /// The same with one digit more where the format is short.
  func preciseText(_ value: Double) -> String {
    self == .factor ? NumberFormat.plain(decimals: 2).text(value) + "x" : text(value)
  }

  /// Half the width of an interval, such as "±1.0" for percent.
  func spread(_ interval: Interval) -> String {
    let half = (interval.high - interval.low) / 2
    switch self {
    case .fraction, .points: return "±" + NumberFormat.fixed(half * 100, 1)
    case .factor: return "±" + NumberFormat.fixed(half, 2)
    case .bytes, .nanoseconds, .joules, .count, .number: return "±" + text(half)
    }
  }
}

extension Figure {
  /// Its value with the spread, such as "97.8 % ±0.5"; nil where it is not known.
  func text(_ readings: Readings) -> String? {
    guard let value = value(in: readings) else { return nil }
    let spread = interval(in: readings).map { " " + unit.spread($0) } ?? ""
    return unit.text(value) + spread
  }
}
