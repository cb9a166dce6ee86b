import Evaluation
import TensorCore
import TerminalUI

/// Median time of a run against the original's, and the p95; below, both over the steps taken.
struct LatencyView: Drawable {
  private let state: WorkbenchState

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    guard let reading = state.measurement?.latency else {
      drawAwaited(state, "measuring...", on: &canvas)
      return state.hasFailed(state.current) ? () : drawChart(on: &canvas)
    }
    let unit = Figure.latency.unit
    drawFigures(
      [
        figure(unit.text(reading.p50), state.measurement, canvas.glyphs),
        Span("  p95 \(unit.text(reading.p95))", .muted),
      ],
      ratio(reading) + work, on: &canvas)
    drawChart(on: &canvas)
  }

  /// The share of the original's multiply-adds, where that is another one.
  private var work: [Span] {
    guard let reading = state.measurement?.operations, reading.executedMacs != reading.originalMacs,
      reading.originalMacs > 0
    else { return [] }
    let share = 100 * Double(reading.executedMacs) / Double(reading.originalMacs)
    return [Span("  \(NumberFormat.fixed(share, 0)) % MACs", .muted)]
  }

  private func ratio(_ reading: LatencyReading) -> [Span] {
    if state.recipe == .identity { return [Span("the original", .original)] }
    let isReal = reading.speedupInterval.low > 1 || reading.speedupInterval.high < 1
    let interval = reading.speedupInterval
    let isSlower = reading.speedup < 1 && isReal && reading.speedup <= 0.95
    let shown = isSlower ? Interval(low: 1 / interval.high, high: 1 / interval.low) : interval
    let spread = Span(" " + Figure.Unit.factor.spread(shown), .muted)
    if !isReal { return [Span("as fast", .text), Span(" (noise)", .muted), spread] }
    if abs(reading.speedup - 1) < 0.05 { return [Span("as fast", .text), spread] }
    return isSlower
      ? [Span("\(factor(1 / reading.speedup)) slower", .bad), spread]
      : [Span("\(factor(reading.speedup)) faster", .good), spread]
  }

  private func drawChart(on canvas: inout Canvas) {
    let unit = Figure.latency.unit
    let readings = state.steps.map { $0?.latency }
    let p50 = readings.map { $0.map { unit.plotted($0.p50) } ?? .nan }
    let rules = state.measurement?.latency.map { [LineRule(unit.plotted($0.originalP50))] } ?? []
    // One disturbed run may have a p95 far off: the band ends at the top of a scale that the medians set.
    let ceiling = (p50 + rules.map(\.value)).filter(\.isFinite).max().map { $0 * 1.6 } ?? .infinity
    let p95 = readings.map { $0.map { min(unit.plotted($0.p95), ceiling) } ?? .nan }
    canvas.draw(
      LineChart(
        series: [LineSeries(p50, style: .series(1))], band: LineBand(lower: p50, upper: p95), rules: rules,
        format: unit.format, covers: [0] + rules.map { $0.value * 1.2 }, limits: unit.limits,
        stepTitle: "steps"),
      in: chartArea(canvas))
  }
}
