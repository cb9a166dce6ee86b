import TerminalUI

/// The original, the marks and the current configuration side by side.
struct CompareOverlay: ScrollOverlay {
  var scroll = 0
  /// Columns passed over.
  private var column = 0

  let name = "compare"
  var bindings: [Binding] {
    Self.scrolling("scroll") + [
      Self.columns([.left, "h"], "left", "Columns to the left", by: -1),
      Self.columns([.right, "l"], "right", "Columns to the right", by: 1), Self.closing,
    ]
  }

  private static func columns(
    _ keys: [KeyEvent], _ name: String, _ description: String, by offset: Int
  ) -> Binding {
    key(
      keys, name, description, hint: "more columns",
      unless: { _, state in
        CompareView(state).farthestColumn(in: state.size) == 0 ? "Every column is in sight" : nil
      }
    ) { overlay, state in
      let farthest = CompareView(state).farthestColumn(in: state.size)
      overlay.column = min(max(overlay.column + offset, 0), farthest)
      return []
    }
  }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "The figures of the original, of every marked configuration and of the one in hand, a column each.",
        .overlay)
    ]
  }

  func farthestScroll(_ state: WorkbenchState) -> Int {
    CompareView(state).farthestScroll(in: state.size)
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) {
    let view = CompareView(state, column: column, row: scroll)
    box("compare", view.size(in: canvas.size), state).draw(on: &canvas) { $0.draw(view) }
  }
}
