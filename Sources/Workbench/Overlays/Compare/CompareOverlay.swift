import TerminalUI

/// The original, the marks and the current configuration side by side.
struct CompareOverlay: ScrollOverlay {
  /// Columns passed over after the original.
  var scroll = 0

  let name = "compare"
  var bindings: [Binding] { Self.scrolling("more columns") + [Self.closing] }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "The figures of the original, of every marked configuration and of the one in hand, a column each.",
        .overlay)
    ]
  }

  func farthestScroll(_ state: WorkbenchState) -> Int {
    CompareView(state, scroll: scroll).farthestScroll(in: state.size)
  }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) {
    let view = CompareView(state, scroll: scroll)
    box("compare", view.size(in: canvas.size), state).draw(on: &canvas) { $0.draw(view) }
  }
}
