import Compression
import TerminalUI

/// The scope and one row per knob; the selected one is lit.
struct KnobsView: Drawable {
  private let state: WorkbenchState

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    let knobs = Knob.allCases
    let selected = knobs.firstIndex(of: state.knob) ?? 0
    // In a short panel the rows scroll so that the selected one is seen.
    let first = min(max(0, selected - (canvas.height - 2)), max(0, knobs.count - (canvas.height - 1)))
    drawScope(on: &canvas)
    for (row, knob) in knobs.dropFirst(first).prefix(max(0, canvas.height - 1)).enumerated() {
      draw(knob, on: &canvas, y: row + 1)
    }
  }

  private func drawScope(on canvas: inout Canvas) {
    canvas.text("scope", x: 2, style: .muted)
    switch state.scope {
    case .model: canvas.text("whole model", x: 10, width: canvas.width - 10, style: .text)
    case .layer(let name): canvas.text(name, x: 10, width: canvas.width - 10, style: .accent)
    }
  }

  private func draw(_ knob: Knob, on canvas: inout Canvas, y: Int) {
    let settings = state.settings
    let isSelected = knob == state.knob
    if isSelected { canvas.put(canvas.glyphs.pointer, x: 0, y: y, style: .accent) }
    canvas.text(knob.title, x: 2, y: y, style: isSelected ? .accent.bold : .muted)
    let value = knob.label(of: settings)
    // What a layer says differently from the model is lit.
    let differs = state.scope != .model && value != knob.label(of: state.recipe.model)
    let style: CellStyle = differs ? .accent : .text
    let area = Rect(x: 10, y: y, width: canvas.width - 10, height: 1)
    if let fraction = knob.fraction(of: settings) {
      canvas.draw(
        Gauge(fraction, label: value.fitted(to: 5, alignment: .trailing), labelStyle: style), in: area)
    } else {
      canvas.text(value, x: area.x, y: y, width: area.width, style: style)
    }
  }
}
