import Evaluation
import TerminalUI

/// Lines of figures over a live line: what the three reading panels share.
/// Spans that no longer fit are left out whole: half a figure would be a wrong one.
func drawFigures(_ lines: [Span]..., on canvas: inout Canvas) {
  for (y, spans) in lines.enumerated() {
    var column = 1
    for (index, span) in spans.enumerated() {
      guard index == 0 || column + DisplayWidth.of(span.text) <= canvas.width else { break }
      column += canvas.text(span.text, x: column, y: y, style: span.style)
    }
  }
}

/// What stands where a reading is still awaited: that it is, or why it will not come.
func drawAwaited(_ state: WorkbenchState, _ doing: String, on canvas: inout Canvas) {
  guard let reason = state.failure(of: state.current) else {
    canvas.text(doing, x: 1, style: .muted)
    return
  }
  let area = Rect(x: 1, y: 0, width: max(0, canvas.width - 2), height: canvas.height)
  canvas.draw(TextBox("failed: \(reason)", style: .bad), in: area)
}

/// A figure that may still move has no weight, and an ellipsis behind it.
func figure(_ text: String, _ readings: Readings?, _ glyphs: GlyphSet) -> Span {
  readings?.stage == .settled ? Span(text, .text.bold) : Span(text + String(glyphs.ellipsis), .text)
}

/// What is left under so many lines of figures.
func chartArea(_ canvas: Canvas, below lines: Int = 2) -> Rect {
  Rect(y: lines, width: canvas.width, height: canvas.height - lines)
}

extension WorkbenchState {
  /// The measurements on the way to the current one: the steps of the live charts, with room for more after them.
  ///
  /// Steps keep their place as they come, which spares a slow line the redrawing of the whole chart; when the room is
  /// full the older half leaves.
  var steps: [Readings?] {
    let room = 32
    let count = history.cursor + 1
    let first = count <= room ? 0 : (count - room / 2 - 1) / (room / 2) * (room / 2)
    let taken = history.path[first..<count].map { history.variants[$0].measurement }
    return taken + Array(repeating: nil, count: room - taken.count)
  }
}

/// "2.9x": how many times smaller or faster.
func factor(_ ratio: Double) -> String {
  // "1.0x" would say nothing.
  ratio < 1.095 ? NumberFormat.plain(decimals: 2).text(ratio) + "x" : NumberFormat.ratio.text(ratio)
}
