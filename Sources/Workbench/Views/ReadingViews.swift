import Evaluation
import Session
import TerminalUI

/// Two lines of figures over a live line: what the three reading panels share.
/// Spans that no longer fit are left out whole: half a figure would be a wrong one.
private func drawFigures(_ first: [Span], _ second: [Span], on canvas: inout Canvas) {
  for (y, spans) in [first, second].enumerated() {
    var column = 1
    for (index, span) in spans.enumerated() {
      guard index == 0 || column + span.text.count <= canvas.width else { break }
      column += canvas.text(span.text, x: column, y: y, style: span.style)
    }
  }
}

private func chartArea(_ canvas: Canvas) -> Rect {
  Rect(y: 2, width: canvas.width, height: canvas.height - 2)
}

extension WorkbenchState {
  /// The measurements on the way to the current one: the steps of the live charts, with room for more after them.
  ///
  /// Steps keep their place as they come, which spares a slow line the redrawing of the whole chart; when the room is
  /// full the older half leaves.
  fileprivate var steps: [Readings?] {
    let room = 32
    let count = history.cursor + 1
    let first = count <= room ? 0 : (count - room / 2 - 1) / (room / 2) * (room / 2)
    let taken = history.path[first..<count].map { history.variants[$0].measurement }
    return taken + Array(repeating: nil, count: room - taken.count)
  }
}

/// Score with its interval and its paired difference from the original; below, the score over the steps taken.
struct AccuracyView: Drawable {
  private let state: WorkbenchState

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    guard let reading = state.measurement?.accuracy else {
      canvas.text("measuring...", x: 1, style: .muted)
      return drawChart(on: &canvas)
    }
    let percent = NumberFormat.percent
    let half = (reading.interval.high - reading.interval.low) / 2
    drawFigures(
      [
        Span(percent.text(reading.value), .text.bold), Span(" ±\(NumberFormat.fixed(half * 100, 1))", .muted),
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

/// Median time of a run against the original's, and the p95; below, both over the steps taken.
struct LatencyView: Drawable {
  private let state: WorkbenchState

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    guard let reading = state.measurement?.latency else {
      canvas.text("measuring...", x: 1, style: .muted)
      return drawChart(on: &canvas)
    }
    let seconds = NumberFormat.seconds
    drawFigures(
      [
        Span(seconds.text(reading.p50 * 1e-9), .text.bold),
        Span("  p95 \(seconds.text(reading.p95 * 1e-9))", .muted),
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
    guard isReal else { return [Span("as fast", .text), Span(" (noise)", .muted)] }
    if abs(reading.speedup - 1) < 0.05 { return [Span("as fast", .text)] }
    return reading.speedup >= 1
      ? [Span("\(factor(reading.speedup)) faster", .good)]
      : [Span("\(factor(1 / reading.speedup)) slower", .bad)]
  }

  private func drawChart(on canvas: inout Canvas) {
    let readings = state.steps.map { $0?.latency }
    let p50 = readings.map { $0.map { $0.p50 * 1e-9 } ?? .nan }
    let rules = state.measurement?.latency.map { [LineRule($0.originalP50 * 1e-9)] } ?? []
    // One disturbed run may have a p95 far off: the band ends at the top of a scale that the medians set.
    let ceiling = (p50 + rules.map(\.value)).filter(\.isFinite).max().map { $0 * 1.6 } ?? .infinity
    let p95 = readings.map { $0.map { min($0.p95 * 1e-9, ceiling) } ?? .nan }
    canvas.draw(
      LineChart(
        series: [LineSeries(p50, style: .series(1))], band: LineBand(lower: p50, upper: p95), rules: rules,
        format: .seconds, covers: [0] + rules.map { $0.value * 1.2 }), in: chartArea(canvas))
  }
}

/// Exact stored bytes against the original's; below, which layers they are in.
struct SizeView: Drawable {
  private let state: WorkbenchState

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    guard let reading = state.measurement?.size else {
      canvas.text("computing...", x: 1, style: .muted)
      return
    }
    let bytes = NumberFormat.bytes
    let ratio = Double(reading.originalBytes) / Double(max(reading.bytes, 1))
    let deflated = reading.deflatedBytes.map { [Span("  zip \(bytes.text($0))", .muted)] } ?? []
    let second: [Span] =
      state.recipe == .identity
      ? [Span("the original", .original)]
      : ratio >= 1.005
        ? [Span("\(factor(ratio)) smaller", .good)]
        : ratio <= 0.995 ? [Span("\(factor(1 / ratio)) larger", .bad)] : [Span("as large", .text)]
    drawFigures([Span(bytes.text(reading.bytes), .text.bold)] + deflated, second, on: &canvas)
    drawLayers(on: &canvas)
  }

  /// Two bars on one scale: the original above, this configuration below, each stacked by layer.
  private func drawLayers(on canvas: inout Canvas) {
    let area = chartArea(canvas)
    guard area.height >= 2, let measurement = state.measurement else { return }
    let total = Double(max(measurement.size.originalBytes, measurement.size.bytes, 1))
    func bar(_ bytes: (LayerReading) -> Int, rest: Int) -> StackedBar {
      let segments = measurement.layers.enumerated().map { index, layer in
        let name = state.subject.layers.first { $0.name == layer.name }?.shortName ?? layer.name
        return BarSegment(name, Double(bytes(layer)), style: .series(index))
      }
      return StackedBar(segments + [BarSegment("", Double(max(rest, 0)), style: .gaugeEmpty)], total: total)
    }
    let layers = measurement.layers
    let before = bar(
      { $0.size.originalBytes },
      rest: measurement.size.originalBytes - layers.reduce(0) { $0 + $1.size.originalBytes })
    let now = bar({ $0.size.bytes }, rest: measurement.size.bytes - layers.reduce(0) { $0 + $1.size.bytes })
    let thickness = max(1, min(3, (area.height - 1) / 2))
    canvas.draw(
      before, in: Rect(x: 1, y: area.y + (area.height > 2 ? 1 : 0), width: area.width - 2, height: thickness))
    canvas.draw(
      now,
      in: Rect(
        x: 1, y: area.y + (area.height > 2 ? 1 : 0) + thickness, width: area.width - 2, height: thickness))
  }
}

/// "2.9x": how many times smaller or faster.
private func factor(_ ratio: Double) -> String {
  // "1.0x" would say nothing.
  ratio < 1.095 ? NumberFormat.plain(decimals: 2).text(ratio) + "x" : NumberFormat.ratio.text(ratio)
}
