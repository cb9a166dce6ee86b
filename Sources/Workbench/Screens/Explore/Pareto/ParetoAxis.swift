import Evaluation
import Session

extension WorkbenchState {
  /// What the chart shows accuracy against.
  package var axis: Figure {
    get { self[panel: ParetoPanel.self].axis }
    set { self[panel: ParetoPanel.self].axis = newValue }
  }

  /// The axis after this one, of those that the original has a value of.
  package var nextAxis: Figure {
    let known = Figure.axes.filter { figure in
      figure == axis || original.measurement.map { figure.value(in: $0) != nil } ?? true
    }
    let index = known.firstIndex(of: axis) ?? 0
    return known.isEmpty ? axis : known[(index + 1) % known.count]
  }

  /// A variant's figure on the chart's x axis.
  package func chartX(_ variant: Variant) -> Double? {
    variant.measurement.flatMap { axis.value(in: $0) }.map(axis.unit.plotted)
  }

  /// Variants that have a place on the chart: those with a first complete reading, in the order they were tried.
  package var plotted: [Variant] {
    history.variants.filter { chartX($0) != nil && $0.measurement?.accuracy != nil }
  }

  /// Scores that accuracy axes always hold: a few points around the original, less than which is mostly noise.
  package var accuracyCovers: [Double] {
    original.measurement?.accuracy.map { [max(0, $0.value - 0.04), min(1, $0.value + 0.02)] } ?? []
  }
}

extension Command {
  /// Names the figure, where the key takes the next one.
  static let axis = Command(
    "axis", argument: Figure.all.map(\.key).joined(separator: " "),
    "Chart accuracy against this figure, or against the next"
  ) { text, state in
    guard let figure = Figure.all.first(where: { $0.key == text }) else {
      return state.refuse(
        "no figure \"\(text)\"; there are \(Figure.all.map(\.key).joined(separator: ", "))")
    }
    state.axis = figure
    return []
  }
}
