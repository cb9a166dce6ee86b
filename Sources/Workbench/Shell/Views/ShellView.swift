import TerminalUI

/// All that is on the terminal: the screen in front between header, status line and footer, and the overlays over it.
package struct ShellView: Drawable {
  private let state: WorkbenchState

  package init(_ state: WorkbenchState) { self.state = state }

  package func draw(on canvas: inout Canvas) {
    let minimum = state.screen.minimum
    guard canvas.width >= minimum.width, canvas.height >= minimum.height else {
      TooSmallView(needed: minimum).draw(on: &canvas)
      return
    }
    let layout = ShellLayout(canvas.size)
    canvas.draw(HeaderView(state), in: layout.header)
    canvas.draw(in: layout.body) { state.screen.draw(state, on: &$0) }
    // A notice longer than its line grows upward over the screen; the next key takes it away.
    let status = StatusView(state)
    let rows = status.height(width: canvas.width)
    canvas.draw(
      status, in: Rect(x: 0, y: layout.status.maxY - rows, width: canvas.width, height: rows))
    canvas.draw(FooterView(state), in: layout.footer)
    for overlay in state.overlays { overlay.draw(state, on: &canvas) }
  }
}

/// What stands on a terminal that is too small for anything else.
private struct TooSmallView: Drawable {
  let needed: Size

  func draw(on canvas: inout Canvas) {
    let text =
      "paretop needs \(needed.width)x\(needed.height) cells, here are \(canvas.width)x\(canvas.height): "
      + "enlarge the window, or press q to quit"
    canvas.draw(TextBox(text, style: .warning))
  }
}
