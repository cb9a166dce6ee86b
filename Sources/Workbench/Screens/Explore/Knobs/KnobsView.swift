import Compression
import Recipes
import TerminalUI

/// The scope and one row per knob; the methods of the one in hand stand beneath it. The selected row is lit. Every knob is
/// seen on any screen: where there is little room it is the methods that scroll.
struct KnobsView: Drawable {
  private let state: WorkbenchState

  private static let gaugeColumn = 11
  /// Values stand in one column; a longer one in a narrow panel begins earlier.
  private static let valueColumn = 19

  init(_ state: WorkbenchState) { self.state = state }

  func draw(on canvas: inout Canvas) {
    drawScope(on: &canvas)
    for (row, knob) in visible(height: canvas.height).enumerated() { draw(knob, on: &canvas, y: row + 1) }
    drawScroll(on: &canvas)
  }

  /// The knob drawn at a line of the region.
  func knob(at y: Int, height: Int) -> Setting? {
    let rows = visible(height: height)
    return rows.indices.contains(y - 1) ? rows[y - 1] : nil
  }

  private func visible(height: Int) -> [Setting] {
    let shown = visibleMethods(height: height)
    return state.knobRows.filter { row in
      row.isKnob || shown.contains { $0 == row }
    }
  }

  /// The methods of the knob in hand that have room, the selected one among them.
  private func visibleMethods(height: Int) -> ArraySlice<Setting> {
    let methods = state.knobRows.filter { !$0.isKnob }
    let room = max(0, height - 1 - Setting.knobs.count)
    let selected = methods.firstIndex(of: state.knob) ?? 0
    let first = min(max(0, selected - room + 1), max(0, methods.count - room))
    return methods.dropFirst(first).prefix(room)
  }

  /// Says at the right of the scope that there are methods out of sight.
  private func drawScroll(on canvas: inout Canvas) {
    let shown = visibleMethods(height: canvas.height)
    let count = state.knobRows.count - Setting.knobs.count
    guard shown.count < count else { return }
    let text =
      shown.isEmpty ? "\(count) methods" : "\(shown.startIndex + 1)-\(shown.endIndex) of \(count)"
    let columns = DisplayWidth.of(text)
    guard KnobsView.gaugeColumn + DisplayWidth.of(scope) + 2 + columns <= canvas.width else { return }
    canvas.text(text, x: canvas.width - columns, style: .muted)
  }

  private func drawScope(on canvas: inout Canvas) {
    canvas.text("scope", x: 2, style: .muted)
    let column = KnobsView.gaugeColumn
    canvas.text(
      scope, x: column, width: canvas.width - column, style: state.scope == .model ? .text : .accent)
  }

  private var scope: String {
    switch state.scope {
    case .model: "whole model"
    case .layer(let name): name
    }
  }

  private func draw(_ knob: Setting, on canvas: inout Canvas, y: Int) {
    let settings = state.settings
    let isSelected = knob == state.knob
    if isSelected { canvas.put(canvas.glyphs.pointer, x: 0, y: y, style: .accent) }
    let indent = knob.isKnob ? 2 : 3
    canvas.text(knob.title, x: indent, y: y, style: isSelected ? .accent.bold : .muted)
    // Behind the longest titles where there is room for it, but never on top of its own.
    let start = indent + DisplayWidth.of(knob.title) + 1
    let value = knob.label(of: settings)
    // What a layer says differently from the model is lit.
    let differs = state.scope != .model && value != knob.label(of: state.recipe.model)
    let style: CellStyle = differs ? .accent : .text
    if let fraction = knob.fraction(of: settings) {
      let x = max(start, KnobsView.gaugeColumn)
      canvas.draw(
        Gauge(fraction, label: value.fitted(to: 5, alignment: .trailing), labelStyle: style),
        in: Rect(x: x, y: y, width: canvas.width - x, height: 1))
    } else {
      let x = max(start, min(KnobsView.valueColumn, canvas.width - DisplayWidth.of(value)))
      canvas.text(value, x: x, y: y, width: canvas.width - x, style: style)
    }
  }
}
