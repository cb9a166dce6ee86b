import Evaluation
import Session
import TerminalUI

/// A column of the table of everything tried.
enum TriedColumn: Hashable, Sendable {
  /// The order in which they were tried.
  case number
  case recipe
  case figure(Figure)

  static let all: [TriedColumn] = [.number, .recipe] + Figure.all.map(TriedColumn.figure)

  var title: String {
    switch self {
    case .number: "#"
    case .recipe: "recipe"
    case .figure(let figure): figure.label
    }
  }

  var alignment: Alignment {
    switch self {
    case .recipe: .leading
    case .number, .figure: .trailing
    }
  }

  /// What it says, for who stands in it.
  var meaning: String {
    switch self {
    case .number: "the order in which they were tried"
    case .recipe: "what differs from the original"
    case .figure(let figure): "\(figure.title): \(figure.meaning)"
    }
  }

  var isFigure: Bool {
    switch self {
    case .figure: true
    case .number, .recipe: false
    }
  }

  /// An estimate has a "~" before it; "-" where nothing is known.
  func text(_ variant: Variant) -> String {
    switch self {
    case .number: return "\(variant.id)" + (variant.measurement?.stage == .settled ? "" : "...")
    case .recipe: return variant.recipe.summary
    case .figure(let figure):
      guard let readings = variant.measurement, let text = figure.text(readings) else { return "-" }
      return figure.provenance(readings)?.kind == .estimated ? "~" + text : text
    }
  }

  /// The variants by this column, those of which it is not known last and ties in the order in which they were tried.
  func sorted(_ variants: [Variant], isReversed: Bool) -> [Variant] {
    switch self {
    case .number: return isReversed ? variants.reversed() : variants
    case .recipe:
      let ordered = variants.map { ($0, $0.recipe.summary) }.sorted { ($0.1, $0.0.id) < ($1.1, $1.0.id) }
      return (isReversed ? ordered.reversed() : ordered).map(\.0)
    case .figure(let figure):
      // The better ones first.
      let sign: Double = (figure.better == .lower) == isReversed ? -1 : 1
      return variants.map { variant in
        let value = variant.measurement.flatMap { figure.value(in: $0) } ?? .nan
        return (variant, value.isNaN ? .infinity : value * sign)
      }
      .sorted { ($0.1, $0.0.id) < ($1.1, $1.0.id) }.map(\.0)
    }
  }
}
