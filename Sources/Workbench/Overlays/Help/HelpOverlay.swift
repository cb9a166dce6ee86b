import TerminalUI

/// Help for the place beneath: what it is for, and every key that works there.
struct HelpOverlay: ScrollOverlay {
  var scroll = 0

  let name = "help"
  var bindings: [Binding] { Self.scrolling("scroll") + [Self.closing] }

  func introduction(_ state: WorkbenchState) -> [Span] {
    [Span("Help tells of the place beneath it: close it to use the keys that it lists.", .overlay)]
  }

  func farthestScroll(_ state: WorkbenchState) -> Int { HelpView(state).farthestScroll(in: state.size) }

  func draw(_ state: WorkbenchState, on canvas: inout Canvas) {
    let view = HelpView(state)
    let box = box("help: \(view.place)", view.size(in: canvas.size), state)
    box.draw(on: &canvas) { view.draw(on: &$0, from: scroll) }
  }
}
