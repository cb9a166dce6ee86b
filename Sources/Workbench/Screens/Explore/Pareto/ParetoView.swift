import Evaluation
import Search
import Session
import TerminalUI

/// Every configuration tried; the front joined, marks lettered, the current one lit, the original ringed.
struct ParetoView: Drawable {
  private let state: WorkbenchState
  private let variants: [Variant]
  private let axis: Figure
  private let cursor: Variant.ID?

  init(_ state: WorkbenchState) {
    self.state = state
    variants = state.plotted
    axis = state[panel: ParetoPanel.self].axis
    cursor = state[panel: ParetoPanel.self].cursor
  }

  static func title(_ axis: Figure) -> String { "pareto: accuracy against \(axis.title)" }

  func draw(on canvas: inout Canvas) {
    guard !variants.isEmpty else {
      canvas.text("The first point comes with the first reading.", x: 1, style: .muted)
      return
    }
    let legend = canvas.height >= 8 ? 1 : 0
    canvas.draw(chart, in: Rect(width: canvas.width, height: canvas.height - legend))
    if legend == 1 { drawLegend(on: &canvas) }
  }

  /// The variant nearest to a cell of the region.
  func variant(at point: Point, in size: Size) -> Variant.ID? {
    let legend = size.height >= 8 ? 1 : 0
    let layout = chart.layout(in: Size(width: size.width, height: size.height - legend))
    return layout.nearestPoint(to: point).map { variants[$0].id }
  }

  private var chart: ScatterChart {
    let points = variants.map { variant in
      ScatterPoint(
        x: state.chartX(variant) ?? .nan, y: score(variant) ?? .nan, glyph: glyph(variant),
        spread: spread(variant))
    }
    return ScatterChart(
      points: points,
      xAxis: AxisLabel(axis.title, format: axis.unit.format, limits: axis.unit.limits),
      yAxis: AxisLabel(state.subject.metric, format: .percent, limits: Figure.accuracy.unit.limits),
      front: front(points),
      highlighted: variants.firstIndex { $0.id == cursor },
      covers: state.accuracyCovers)
  }

  private func score(_ variant: Variant) -> Double? { variant.measurement?.accuracy?.value }

  /// Where the score may yet come to lie, as long as it has not settled.
  private func spread(_ variant: Variant) -> ClosedRange<Double>? {
    guard !variant.isSettled, let interval = variant.measurement?.accuracy?.interval,
      interval.low <= interval.high
    else { return nil }
    return interval.low...interval.high
  }

  private func glyph(_ variant: Variant) -> ScatterGlyph {
    if variant.id == state.current.id { return .diamond }
    if let mark = variant.mark { return .letter(mark.letter) }
    return variant.id == state.original.id ? .ring : .dot
  }

  /// Of what was measured to the end: nothing else can be said to beat anything.
  private func front(_ points: [ScatterPoint]) -> [Int] {
    let settled = variants.indices.filter { variants[$0].isSettled }
    let places = ParetoFront.indices(
      of: settled.map { ParetoFront.Point(x: points[$0].x, y: points[$0].y) }, x: axis.better,
      y: Figure.accuracy.better)
    return places.map { settled[$0] }
  }

  private func drawLegend(on canvas: inout Canvas) {
    let y = canvas.height - 1
    if let cursor, let variant = variants.first(where: { $0.id == cursor }) {
      let figures = [
        variant.mark.map { "\($0):" }, variant.recipe.summary,
        score(variant).map { Figure.accuracy.unit.text($0) },
        state.chartX(variant).map { axis.unit.format.text($0) },
      ].compactMap(\.self).joined(separator: "  ")
      canvas.text(" \(figures)  Enter returns to it", y: y, width: canvas.width, style: .accent)
      return
    }
    let glyphs = canvas.glyphs
    var spans = [
      Span(" \(glyphs.ring)", .original), Span(" original  ", .muted), Span("\(glyphs.bullet)", .series(0)),
      Span(" tried \(variants.count)", .muted),
    ]
    let unsettled = variants.count { !$0.isSettled }
    if unsettled > 0 {
      spans += [Span("  \(glyphs.hollowBullet)", .series(0)), Span(" not settled \(unsettled)", .muted)]
    }
    let isSettled = state.current.isSettled
    spans += [
      Span("  \(isSettled ? glyphs.diamond : glyphs.hollowDiamond)", .current),
      Span(" this: \(state.recipe.summary)", .muted),
    ]
    if let provenance = state.measurement.flatMap({ axis.provenance($0) }), provenance.kind != .exact {
      spans.append(Span("  \(provenance.kind.rawValue): \(provenance.detail)", .muted))
    }
    canvas.text(spans, y: y)
  }
}
