import TerminalUI

/// Every sentence that was shown in this run, the newest first.
struct NoticesOverlay: ScrollOverlay {
  var scroll = 0

  let name = "notices"
  var bindings: [Binding] { Self.scrolling("scroll") + [Self.closing] }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [
      Span(
        "What stood in the status line in this run, the newest first, each with how long ago it was shown; "
          + "! marks what went wrong.", .overlay)
    ]
  }

  func farthestScroll(_ state: WorkbenchState) -> Int { NoticesView(state).farthestScroll(in: state.size) }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) {
    let view = NoticesView(state)
    box(name, view.size(in: canvas.size), state).draw(on: &canvas) { view.draw(on: &$0, from: scroll) }
  }
}
