import Session
import TerminalUI

extension Update {
  /// A click gives the focus, selects what is under it, and on the chart returns to that point; the wheel turns or scrolls.
  func mouse(_ kind: MouseKind, _ point: Point, _ state: inout WorkbenchState) -> [Effect] {
    let layout = ScreenLayout(state.size)
    if layout.pareto.contains(point) { return chart(kind, point, layout.pareto.inset(by: 1), &state) }
    if layout.layers.contains(point) {
      switch kind {
      case .press:
        state.panel = .layers
        let inside = layout.layers.inset(by: 1)
        if let row = LayersView(state).row(at: point.y - inside.y, in: inside.size) {
          state.layerCursor = row
        }
      case .wheelUp, .wheelDown:
        state.panel = .layers
        return perform(kind == .wheelUp ? .moveUp : .moveDown, &state)
      case .release, .drag, .middlePress, .rightPress: break
      }
      return []
    }
    if layout.knobs.contains(point) {
      state.panel = .knobs
      let row = point.y - layout.knobs.y - 1
      if kind == .press, row == 0 { return perform(.toggleScope, &state) }
      if kind == .press, let knob = KnobsView(state).knob(at: row, height: layout.knobs.height - 2) {
        // A first click points, a second one on the same method lists its choices.
        if state.knob == knob { return perform(.confirm, &state) }
        state.knob = knob
      }
      if kind == .wheelUp { return perform(.turn(.up), &state) }
      if kind == .wheelDown { return perform(.turn(.down), &state) }
    }
    return []
  }

  private func chart(_ kind: MouseKind, _ point: Point, _ area: Rect, _ state: inout WorkbenchState)
    -> [Effect]
  {
    guard kind == .press else { return [] }
    state.panel = .pareto
    let view = ParetoView(state)
    guard let id = view.variant(at: Point(x: point.x - area.x, y: point.y - area.y), in: area.size) else {
      state.chartCursor = state.chartCursor ?? state.current.id
      return []
    }
    // A first click points, a second one on the same point goes there.
    if state.chartCursor == id { return perform(.confirm, &state) }
    state.chartCursor = id
    return []
  }
}
