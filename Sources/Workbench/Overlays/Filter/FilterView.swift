import TerminalUI

/// The line in which the layer filter is typed, over the screen's status line.
struct FilterView: Drawable {
  let line: InputLine
  let footer: String

  func draw(on canvas: inout Canvas) {
    canvas.draw(in: ShellLayout(canvas.size).status) { canvas in
      let text = max(canvas.width - DisplayWidth.of(footer) - 2, canvas.width / 2)
      canvas.draw(in: Rect(width: text, height: 1)) { line.draw(on: &$0, prompt: " filter layers: /") }
      canvas.text(footer, x: text + 1, style: .muted)
    }
  }
}
