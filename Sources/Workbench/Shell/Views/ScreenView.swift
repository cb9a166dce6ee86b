import TerminalUI

/// The whole screen.
package struct ScreenView: Drawable {
  private let state: WorkbenchState
  private let keymap: Keymap

  package init(_ state: WorkbenchState, keymap: Keymap = .standard) {
    self.state = state
    self.keymap = keymap
  }

  package func draw(on canvas: inout Canvas) {
    let minimum = ScreenLayout.minimum
    guard canvas.width >= minimum.width, canvas.height >= minimum.height else {
      TooSmallView(needed: minimum).draw(on: &canvas)
      return
    }
    let layout = ScreenLayout(canvas.size)
    canvas.draw(HeaderView(state), in: layout.header)
    canvas.panel(layout.knobs, title: "knobs", isFocused: state.panel == .knobs) { $0.draw(KnobsView(state)) }
    canvas.panel(layout.accuracy, title: "accuracy") { $0.draw(AccuracyView(state)) }
    canvas.panel(layout.latency, title: "latency p50") { $0.draw(LatencyView(state)) }
    canvas.panel(layout.size, title: "size") { $0.draw(SizeView(state)) }
    let layersTitle = state.layerFilter.isEmpty ? "layers" : "layers /\(state.layerFilter)"
    canvas.panel(layout.layers, title: layersTitle, isFocused: state.panel == .layers) {
      $0.draw(LayersView(state))
    }
    canvas.panel(layout.pareto, title: ParetoView.title(state.axis), isFocused: state.panel == .pareto) {
      $0.draw(ParetoView(state))
    }
    // A notice longer than its line grows upward over the panels; the next key takes it away.
    let status = StatusView(state)
    let rows = status.height(width: canvas.width)
    canvas.draw(
      status, in: Rect(x: 0, y: layout.status.maxY - rows, width: canvas.width, height: rows))
    canvas.draw(FooterView(keymap), in: layout.footer)
    drawOverlay(on: &canvas)
  }

  private func drawOverlay(on canvas: inout Canvas) {
    switch state.overlay {
    case nil: break
    case .help(let scroll): HelpView(state, keymap: keymap, scroll: scroll).draw(on: &canvas)
    case .palette(let line, let selected): PaletteView(line: line, selected: selected).draw(on: &canvas)
    case .filter(let line): FilterView(line: line).draw(on: &canvas)
    case .compare(let scroll): CompareView(state, scroll: scroll).draw(on: &canvas)
    case .themes(let selected):
      ThemesView(names: state.appearance.themes, selected: selected).draw(on: &canvas)
    case .choices(let selected):
      ChoicesView(knob: state.knob, current: state.selectedChoice, selected: selected).draw(on: &canvas)
    case .resume(let offer): ResumeView(offer: offer).draw(on: &canvas)
    }
  }
}

/// What stands on a screen that is too small for anything else.
struct TooSmallView: Drawable {
  let needed: Size

  func draw(on canvas: inout Canvas) {
    let text =
      "paretop needs \(needed.width)x\(needed.height) cells, here are \(canvas.width)x\(canvas.height): "
      + "enlarge the window, or press q to quit"
    canvas.draw(TextBox(text, style: .warning))
  }
}
