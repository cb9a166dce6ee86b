import Evaluation
import TensorCore

/// What a recipe does to a figure, in a form in which what single steps do can be put together.
package enum FigureEffect: Sendable, Hashable {
  /// The share that is left of the original's value.
  case share(Double)
  case factor(RatioEstimate)
  case change(Double)

  /// Nil where the figure is not known, or steps cannot be put together.
  package init?(of readings: Readings, on figure: Figure) {
    guard let combination = figure.combination, let value = figure.value(in: readings) else { return nil }
    switch combination {
    case .shares:
      guard let original = figure.original(in: readings) else { return nil }
      self = .share(value / max(original, 1))
    case .factors:
      let interval = figure.interval(in: readings) ?? Interval(low: value, high: value)
      self = .factor(RatioEstimate(value: value, interval: interval))
    case .changes: self = .change(value)
    }
  }

  /// That of leaving everything as it is.
  package static func none(_ combination: Figure.Combination) -> FigureEffect {
    switch combination {
    case .shares: .share(1)
    case .factors: .factor(.same)
    case .changes: .change(0)
    }
  }

  /// That of both steps; nil where they are not of one kind.
  func combined(with other: FigureEffect) -> FigureEffect? {
    switch (self, other) {
    case (.share(let one), .share(let two)): .share(one * two)
    case (.factor(let one), .factor(let two)): .factor(one * two)
    case (.change(let one), .change(let two)): .change(one + two)
    case (.share, _), (.factor, _), (.change, _): nil
    }
  }

  /// What is left of this one without the other; nil where they are not of one kind.
  func apart(from other: FigureEffect) -> FigureEffect? {
    switch (self, other) {
    case (.share(let one), .share(let two)): .share(one / two)
    case (.factor(let one), .factor(let two)): .factor(one / two)
    case (.change(let one), .change(let two)): .change(one - two)
    case (.share, _), (.factor, _), (.change, _): nil
    }
  }
}
