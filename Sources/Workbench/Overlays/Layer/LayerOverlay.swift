import TerminalUI

/// Everything about the selected layer; the arrows to the sides go to its neighbours.
struct LayerOverlay: ScrollOverlay {
  var scroll = 0

  let name = "layer"
  var bindings: [Binding] {
    Self.scrolling("scroll") + [
      Self.neighbour([.left, "h"], "left", "Layer above", by: -1),
      Self.neighbour([.right, "l"], "right", "Layer below", by: 1), Self.closing,
    ]
  }

  private static func neighbour(
    _ keys: [KeyEvent], _ name: String, _ description: String, by rows: Int
  ) -> Binding {
    key(keys, name, description, hint: "other layers") { overlay, state in
      LayersPanel.move(by: rows, &state)
      overlay.scroll = 0
      return []
    }
  }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "The selected layer: its whole name, what it takes and what it took, what each knob asks of it and would do in "
          + "it alone, and what the columns of the table mean.", .overlay)
    ]
  }

  func farthestScroll(_ state: WorkbenchState) -> Int {
    LayerView(state)?.farthestScroll(in: state.size) ?? 0
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) {
    guard let view = LayerView(state) else { return }
    box(name, view.size(in: canvas.size), state).draw(on: &canvas) { view.draw(on: &$0, from: scroll) }
  }
}
