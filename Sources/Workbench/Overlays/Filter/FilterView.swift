import TerminalUI

/// The line in which the layer filter is typed, over the footer.
struct FilterView: Drawable {
  let line: InputLine

  func draw(on canvas: inout Canvas) {
    canvas.draw(in: Rect(y: canvas.height - 1, width: canvas.width, height: 1)) {
      line.draw(on: &$0, prompt: " filter layers: /")
    }
  }
}
