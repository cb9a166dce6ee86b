import Evaluation
import TerminalUI

/// Score with its interval and its paired difference from the original; below, the score over the steps taken.
struct AccuracyView: Drawable {
  private let state: WorkbenchState

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    guard let reading = state.measurement?.accuracy else {
      drawAwaited(state, "measuring...", on: &canvas)
      return state.hasFailed(state.current) ? () : drawChart(on: &canvas, below: 2)
    }
    let unit = Figure.accuracy.unit
    let score = [
      figure(unit.text(reading.value), state.measurement, canvas.glyphs),
      Span(" " + unit.spread(reading.interval), .muted),
    ]
    guard let budget = state.budget else {
      drawFigures(score, difference(reading), on: &canvas)
      return drawChart(on: &canvas, below: 2)
    }
    drawFigures(score, difference(reading), verdict(reading, budget), on: &canvas)
    drawChart(on: &canvas, below: 3)
  }

  /// Whether what is lost is within the user's budget: for certain, by the end of the interval.
  private func verdict(_ reading: AccuracyReading, _ budget: Double) -> [Span] {
    let amount = " " + NumberFormat.percent.change(-budget)
    let interval = reading.differenceInterval
    // A budget of as much as is lost is kept, whatever the sum of the two rounds to.
    if interval.low >= -budget - 1e-9 { return [Span("within", .good), Span(amount, .muted)] }
    if interval.high < -budget { return [Span("beyond", .bad), Span(amount, .muted)] }
    return [Span("unclear", .warning), Span(amount, .muted)]
  }

  private func difference(_ reading: AccuracyReading) -> [Span] {
    if state.recipe == .identity { return [Span("the original", .original)] + progress(reading) }
    let isReal = reading.differenceInterval.low > 0 || reading.differenceInterval.high < 0
    let style: CellStyle = !isReal ? .text : reading.difference < 0 ? .bad : .good
    let unit = Figure.Unit.points
    return [
      Span(unit.text(reading.difference), style),
      Span(" " + unit.spread(reading.differenceInterval), .muted), Span(isReal ? "" : " (noise)", .muted),
    ] + progress(reading)
  }

  private func progress(_ reading: AccuracyReading) -> [Span] {
    guard reading.samples < reading.totalSamples else { return [] }
    return [Span("  \(NumberFormat.grouped(reading.samples)) seen", .muted)]
  }

  private func drawChart(on canvas: inout Canvas, below lines: Int) {
    let readings = state.steps.map { $0?.accuracy }
    let values = readings.map { $0?.value ?? .nan }
    let band = LineBand(
      lower: readings.map { $0?.interval.low ?? .nan }, upper: readings.map { $0?.interval.high ?? .nan })
    let rules = state.original.measurement?.accuracy.map { [LineRule($0.value)] } ?? []
    canvas.draw(
      LineChart(
        series: [LineSeries(values)], band: band, rules: rules, format: .percent,
        covers: state.accuracyCovers, limits: Figure.accuracy.unit.limits, stepTitle: "steps"),
      in: chartArea(canvas, below: lines))
  }
}
