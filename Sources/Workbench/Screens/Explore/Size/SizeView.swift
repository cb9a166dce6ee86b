import Evaluation
import TerminalUI

/// Exact stored bytes against the original's; below, which layers they are in.
struct SizeView: Drawable {
  private let state: WorkbenchState

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    guard let reading = state.measurement?.size else {
      drawAwaited(state, "computing...", on: &canvas)
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
