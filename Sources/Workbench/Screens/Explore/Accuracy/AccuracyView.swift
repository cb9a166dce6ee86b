import Evaluation
import TerminalUI

/// Score with its interval and its paired difference from the original; below, the score over the steps taken.
struct AccuracyView: Drawable {
  private let state: WorkbenchState

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    guard let reading = state.measurement?.accuracy else {
      drawAwaited(state, "measuring...", on: &canvas)
      if case .failed = state.activity { return }
      return drawChart(on: &canvas)
    }
    let unit = Figure.accuracy.unit
    drawFigures(
      [
        Span(unit.text(reading.value), .text.bold), Span(" " + unit.spread(reading.interval), .muted),
      ],
      difference(reading), on: &canvas)
    drawChart(on: &canvas)
  }

  private func difference(_ reading: AccuracyReading) -> [Span] {
    if state.recipe == .identity { return [Span("the original", .original)] + progress(reading) }
    let isReal = reading.differenceInterval.low > 0 || reading.differenceInterval.high < 0
    let style: CellStyle = !isReal ? .text : reading.difference < 0 ? .bad : .good
    let change = NumberFormat.percent.change(reading.difference)
    return [Span(change, style), Span(isReal ? "" : " (noise)", .muted)] + progress(reading)
  }

  private func progress(_ reading: AccuracyReading) -> [Span] {
    guard reading.samples < reading.totalSamples else { return [] }
    return [Span("  \(NumberFormat.grouped(reading.samples)) seen", .muted)]
  }

  private func drawChart(on canvas: inout Canvas) {
    let readings = state.steps.map { $0?.accuracy }
    let values = readings.map { $0?.value ?? .nan }
    let band = LineBand(
      lower: readings.map { $0?.interval.low ?? .nan }, upper: readings.map { $0?.interval.high ?? .nan })
    let rules = state.original.measurement?.accuracy.map { [LineRule($0.value)] } ?? []
    canvas.draw(
      LineChart(
        series: [LineSeries(values)], band: band, rules: rules, format: .percent, covers: state.accuracyCovers
      ),
      in: chartArea(canvas))
  }
}
